"""Every metric there is: its name, its labels, its buckets. docs/metrics.md lists them all.

Labels take values that the policy or this code knows: sites, limits, reasons. Never what a caller
can choose: a thief's thousand extensions and numbers are for the log of decisions, and not a
thousand time series.

Counters are the sum over all workers that this service ever had. What gauges tell is said by
workers alive; what the store says, one worker alone asks for.
"""

from __future__ import annotations

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

ANSWER_S: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0)
"""Buckets of answers, in seconds: half a second is what a dead store may cost; what is beyond, a
caller spent keying."""

STEP_S: Final = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.25, 0.5, 1.0)
"""Buckets of what a caller waits for without noticing: the store, a PIN's hash. In seconds."""


class Meters:
    """The metrics of one worker; made once in a process, as it writes to the shared folder.

    Attributes:
        registry: Knows them all, for those who list them. A scrape reads the folder instead.
    """

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        self.decisions = Counter(
            "dialguard_decisions",
            "Decisions, by what was decided and why, and by the category of the number.",
            ("site", "verdict", "reason", "category"),
            registry=registry,
        )
        self.answer_s = Histogram(
            "dialguard_answer_seconds",
            "From the question to the verdict; where a code was asked, with the time to key it.",
            ("asked",),
            buckets=ANSWER_S,
            registry=registry,
        )
        self.challenges = Counter(
            "dialguard_challenges",
            "Calls that were asked for a second factor, by how it ended.",
            ("site", "outcome"),
            registry=registry,
        )
        self.without_store = Counter(
            "dialguard_decisions_without_store",
            "Decisions of rules with `without_store`, made while the store was away.",
            ("site", "verdict"),
            registry=registry,
        )
        self.limit_refusals = Counter(
            "dialguard_limit_refusals",
            "Calls that a limit refused: slots taken, a budget used up, or the number too dear.",
            ("site", "limit"),
            registry=registry,
        )
        self.brakes_put_on = Counter(
            "dialguard_brakes_put_on",
            "Calls that put the brake on, or kept it on for longer, by how far it goes.",
            ("site", "stage"),
            registry=registry,
        )
        self.money_reserved = Counter(
            "dialguard_money_reserved",
            "Money that was reserved for calls that are over, in the currency's unit.",
            ("site", "currency"),
            registry=registry,
        )
        self.money_settled = Counter(
            "dialguard_money_settled",
            "What of it they cost.",
            ("site", "currency"),
            registry=registry,
        )
        self.money_returned = Counter(
            "dialguard_money_returned",
            "What of it went back into its budgets.",
            ("site", "currency"),
            registry=registry,
        )
        self.turned_away = Counter(
            "dialguard_connections_turned_away",
            "Connections that were closed without an answer, by kind.",
            ("kind",),
            registry=registry,
        )
        self.sessions = Gauge(
            "dialguard_sessions",
            "Calls in question now, those at a prompt among them.",
            multiprocess_mode="livesum",
            registry=registry,
        )
        self.store_s = Histogram(
            "dialguard_store_seconds",
            "Steps of the store, by operation and by outcome: ok, error, given-up.",
            ("operation", "outcome"),
            buckets=STEP_S,
            registry=registry,
        )
        self.hash_s = Histogram(
            "dialguard_hash_seconds",
            "Checks of PINs and codes, with the time they waited for a thread.",
            buckets=STEP_S,
            registry=registry,
        )
        self.hash_refused = Counter(
            "dialguard_hash_refused",
            "Checks that were refused, as too many waited.",
            registry=registry,
        )
        self.leases = Gauge(
            "dialguard_leases",
            "Calls that hold a lease, as the store has them.",
            ("site",),
            multiprocess_mode="livemax",
            registry=registry,
        )
        self.slots_taken = Gauge(
            "dialguard_limit_slots_taken",
            "Slots taken of a limit, over all it counts for.",
            ("site", "limit"),
            multiprocess_mode="livemax",
            registry=registry,
        )
        self.fullest = Gauge(
            "dialguard_limit_fullest_ratio",
            "How full the fullest is that a limit counts for, an extension say; 1 refuses calls.",
            ("site", "limit"),
            multiprocess_mode="livemax",
            registry=registry,
        )
        self.budget_used = Gauge(
            "dialguard_budget_used",
            "Used of a limit's budgets, reserved with it, over all it counts for.",
            ("site", "limit", "unit"),
            multiprocess_mode="livemax",
            registry=registry,
        )
        self.budget_fullest = Gauge(
            "dialguard_budget_fullest_ratio",
            "How much is used of the budget that has least left; at 1 calls are refused.",
            ("site", "limit", "unit"),
            multiprocess_mode="livemax",
            registry=registry,
        )
        self.lockouts = Gauge(
            "dialguard_lockouts",
            "Lockouts in force, by kind of subject.",
            ("site", "kind"),
            multiprocess_mode="livemax",
            registry=registry,
        )
        self.brakes = Gauge(
            "dialguard_brakes",
            "Brakes that are on, by how far they go.",
            ("site", "stage"),
            multiprocess_mode="livemax",
            registry=registry,
        )
        self.store_looked = Gauge(
            "dialguard_store_looked_timestamp_seconds",
            "When leases and lockouts were last read from the store.",
            multiprocess_mode="livemax",
            registry=registry,
        )
        self.policy_workers = Gauge(
            "dialguard_policy_workers",
            "Workers that have this version of the site's policy in force; 0 of one that was.",
            ("site", "version"),
            multiprocess_mode="livesum",
            registry=registry,
        )
        self.policy_refused = Gauge(
            "dialguard_policy_refused",
            "Workers whose policy files cannot come into force, so that an older version stays.",
            multiprocess_mode="livesum",
            registry=registry,
        )
        self.ami_up = Gauge(
            "dialguard_ami_up",
            "Whether the watcher is linked to this Asterisk.",
            ("node",),
            multiprocess_mode="livemax",
            registry=registry,
        )
        self.bypasses = Counter(
            "dialguard_bypasses",
            "Trunk calls that did not ask the gate, by what was done.",
            ("site", "node", "then"),
            registry=registry,
        )
        self.healed = Counter(
            "dialguard_leases_healed",
            "Leases of calls that were over, which the watcher had to release.",
            ("site", "node"),
            registry=registry,
        )
        self.lookups = Counter(
            "dialguard_lookups",
            "Look-ups of what others report, by kind and outcome; dropped: too many waited.",
            ("kind", "outcome"),
            registry=registry,
        )
        self.lookups_paused = Gauge(
            "dialguard_lookups_paused",
            "Workers that leave the service of look-ups alone for a while, as it fails.",
            multiprocess_mode="livesum",
            registry=registry,
        )
        self.alerts = Counter(
            "dialguard_alerts",
            "Messages of alerts that were taken in.",
            ("alert", "kind"),
            registry=registry,
        )
        self.alerts_refused = Counter(
            "dialguard_alerts_refused",
            "Messages of alerts that were not taken in; they are sent again.",
            ("alert",),
            registry=registry,
        )
        self.alerts_dropped = Counter(
            "dialguard_alerts_dropped",
            "Happenings that alerts tell without a name, or not: unnamed, unheard, given-up.",
            ("why",),
            registry=registry,
        )
        self.lookout_up = Gauge(
            "dialguard_lookout_up",
            "Whether the lookout hears the security events of this Asterisk.",
            ("node",),
            multiprocess_mode="livemax",
            registry=registry,
        )
        self.security_events = Counter(
            "dialguard_security_events",
            "Security events that an Asterisk told of.",
            ("node",),
            registry=registry,
        )
        self.security_events_forged = Counter(
            "dialguard_security_events_forged",
            "Those of them that it never made, and what else was torn; nothing follows of them.",
            ("node",),
            registry=registry,
        )
        self.evidence = Counter(
            "dialguard_evidence",
            "Evidence of attacks, by what it is a sign of.",
            ("site", "sign"),
            registry=registry,
        )
        self.lookout_dropped = Counter(
            "dialguard_lookout_dropped",
            "What was let go in a flood: untold, unfollowed, shed, lost, odd.",
            ("why",),
            registry=registry,
        )
        self.shadow_judged = Counter(
            "dialguard_shadow_judged",
            "Calls that were judged by a policy in shadow, too.",
            ("site",),
            registry=registry,
        )
        self.shadow_differences = Counter(
            "dialguard_shadow_differences",
            "Those of them that it would have judged otherwise, by how.",
            ("site", "kind"),
            registry=registry,
        )
        self.shadow_unjudged = Counter(
            "dialguard_shadow_unjudged",
            "Calls that it did not judge, by why: dropped, as too many waited; failed.",
            ("site", "why"),
            registry=registry,
        )
        self.worker_starts = Counter(
            "dialguard_worker_starts",
            "Workers started since the service was; more than there are workers: some died.",
            registry=registry,
        )
        self.build = Gauge(
            "dialguard_build_info",
            "Always 1; the version of the service is its label.",
            ("version",),
            multiprocess_mode="livemax",
            registry=registry,
        )
