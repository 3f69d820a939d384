# Two commands do everything on a new machine: `make run` and `make test`.
# What they need they install themselves: Python packages into .venv, and, as root on Debian,
# the two or three of Debian's packages that the tests ask for.

PYTHON   ?= python3
VENV     ?= .venv
BIN      := $(VENV)/bin
DEV      := $(VENV)/.dev
FUZZ     := $(VENV)/.fuzz
RUN      := $(VENV)/.run
OWN      := $(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])')
# Where Python $(1) is: on the PATH, or among pyenv's.
python   = $(shell python$(1) -c 'import ensurepip, sys; print(sys.executable)' 2>/dev/null \
             || ls $$(pyenv root 2>/dev/null)/versions/$(1).*/bin/python 2>/dev/null | tail -1)
PRESENT  := $(foreach v,3.11 3.12 3.13,$(if $(call python,$(v)),$(v)))
# The newest, or, where that is our own, the oldest.
OTHER    := $(filter-out $(OWN),$(if $(filter $(OWN),$(lastword $(PRESENT))),$(firstword $(PRESENT)),$(lastword $(PRESENT))))
UNIT     := tests/unit tests/contract tests/conformance tests/architecture tests/policies tests/docs tests/deploy tests/audit
ALONE    := tests/e2e/test_load.py tests/e2e/test_chaos.py tests/e2e/test_all_dead.py

.DEFAULT_GOAL := help
.PHONY: help run test lint types contracts unit integration browser e2e rig nginx sipvicious valkey promtool \
        nftables fail2ban provider databases pythons rehearsal fuzz fuzz-long bench clean

help: ## this list
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

run: $(RUN) ## start the service on the embedded store with a sample policy, and tell what to try
	$(BIN)/dialguard serve --settings deploy/try/dialguard.toml --hints

test: lint types contracts unit pythons integration browser fuzz e2e ## everything, real Asterisk included

lint: $(DEV) ## format and lint
	$(BIN)/ruff format --check
	$(BIN)/ruff check

types: $(DEV) ## mypy --strict, on code and tests
	$(BIN)/mypy

contracts: $(DEV) ## imports only go down
	$(BIN)/lint-imports --no-cache

unit: valkey promtool nftables fail2ban ## unit, contract, conformance, architecture, policy cases, documents; with coverage
	$(BIN)/coverage erase
	$(BIN)/pytest $(UNIT) -n 2 --cov --cov-report=term:skip-covered --cov-fail-under=97

integration: valkey promtool nftables databases ## the service as a real process, without Asterisk
	$(BIN)/pytest tests/integration -n 2 --dist loadfile

browser: provider ## the pages in a real Chromium; what they look like is kept in .cache/screenshots
	$(chromium)
	$(BIN)/pytest tests/browser

valkey: $(DEV) ## Valkey, for the stores' tests, in the folder of Asterisk 22
	$(BIN)/python -m tests.e2e.rig.roots valkey

promtool: $(DEV) ## Prometheus' own checker, for alerts and dashboard, from Debian's package
	@command -v promtool >/dev/null || [ -x .cache/promtool ] || { rm -rf .cache/deb && mkdir -p .cache/deb \
	  && cd .cache/deb && apt-get download -qq prometheus && dpkg-deb -x prometheus_*.deb . \
	  && mv usr/bin/promtool .. && cd ../.. && rm -rf .cache/deb; }

nftables: $(DEV) ## nft, for bans in networks of the tests' own, from Debian's package
	$(nft)

fail2ban: $(DEV) ## fail2ban, which reads bans, unpacked from Debian's package
	@[ -x .cache/fail2ban/usr/bin/fail2ban-regex ] || { rm -rf .cache/fail2ban && mkdir -p .cache/fail2ban \
	  && cd .cache/fail2ban && apt-get download -qq fail2ban && dpkg-deb -x fail2ban_*.deb . && rm fail2ban_*.deb; }

provider: $(DEV) ## Glewlwyd, an OpenID provider for the pages' tests, unpacked from Debian's packages
	$(glewlwyd)

databases: $(DEV) ## MariaDB and PostgreSQL, for records of calls, unpacked from Debian's packages
	$(databases)

nginx: $(DEV) ## nginx, for the phones in browsers, unpacked from Debian's package
	$(nginx)

sipvicious: $(DEV) ## SIPVicious, the attackers' own tool, from Debian's package
	@[ -d .cache/sipvicious ] || { rm -rf .cache/sipvicious.new && mkdir -p .cache/sipvicious.new \
	  && cd .cache/sipvicious.new && apt-get download -qq sipvicious && dpkg-deb -x sipvicious_*.deb . \
	  && rm sipvicious_*.deb && cd .. && mv sipvicious.new sipvicious; }

rig: $(DEV) ## Asterisk 22 and 16 with SIPp, in folders of their own under .cache
	$(BIN)/python -m tests.e2e.rig.roots

# Load, chaos and the end of everything come last, one Asterisk after the other: twenty calls a second,
# two hundred at once, or workers that are started again and again, are what two cores bear, and would
# make everything beside them late.
e2e: rig nginx sipvicious ## real calls: SIPp phones, real Asterisk 22 and 16, a counted trunk
	$(chromium)
	$(BIN)/pytest tests/e2e -n 3 --dist loadgroup --durations 20 $(ALONE:%=--ignore %) || $(second_look)
	$(BIN)/pytest $(ALONE) || $(second_look)

# On another Python one kind of Redis and fewer examples are enough, and neither documents, the
# house nor the sample policies are looked at again: what is Python's own differs, those do not. Those
# between the oldest and the newest have nothing that neither has.
pythons: $(if $(OTHER),.venv-$(OTHER)/.dev) ## the unit tests on the newest Python from 3.11 to 3.13 that is here
	@[ -z "$(OTHER)" ] || { echo "Python $(OTHER)"; \
	  DIALGUARD_EXAMPLES=10 THIEVES=20 DIALGUARD_STORES=sqlite-in-memory,redis \
	  .venv-$(OTHER)/bin/pytest tests/unit tests/conformance tests/contract -n 2 -q; }

rehearsal: $(DEV) ## 50,000 made-up calls through gate and rehearsal, compared; and 50,000 by way of their records
	$(BIN)/python -m tests.contract.rehearsal_long 50000
	$(BIN)/python -m tests.contract.rehearsal_long 50000 records

fuzz: $(FUZZ) ## a short run of the fuzzers, guided by coverage
	$(BIN)/python -m tests.fuzz --seconds 5

fuzz-long: $(FUZZ) ## ten million inputs: some hours, most of them for the policy
	$(BIN)/python -m tests.fuzz --runs 10000000

bench: $(DEV) ## what things cost on this machine
	$(BIN)/python -m benchmarks

clean: ## forget everything that was installed or built
	rm -rf .venv .venv-* .cache build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage*

# A virtual environment of $(1) in $(2). Debian's python3 comes without the module that makes one:
# as root that is put right, else it is said.
define venv
	@$(1) -c 'import venv, ensurepip' 2>/dev/null \
	  || { [ "$$(id -u)" = 0 ] && apt-get update -qq && apt-get install -qq -y python3-venv; } \
	  || { echo "$(1) cannot make virtual environments: apt-get install python3-venv" >&2; exit 1; }
	@[ -x $(2)/bin/python ] || $(1) -m venv $(2)
	$(2)/bin/python -m pip install --quiet --upgrade 'pip>=25.1'
endef

# The stores are tried on a real Redis, in folders of the tests' own. Debian's package would start
# one of the machine's: that it must not, and where one runs already it is left alone.
define redis
	@command -v redis-server >/dev/null \
	  || { [ "$$(id -u)" = 0 ] && apt-get update -qq \
	       && if [ ! -e /usr/sbin/policy-rc.d ]; then \
	            printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d; chmod +x /usr/sbin/policy-rc.d; \
	            trap 'rm -f /usr/sbin/policy-rc.d' EXIT; fi \
	       && apt-get install -qq -y --no-install-recommends redis-server; } \
	  || { echo "the tests need a Redis: apt-get install redis-server" >&2; exit 1; }
endef

# A few that failed are tried once more, by themselves: tests/e2e/second_look.py says which, and why.
second_look = { [ $$? = 1 ] && $(BIN)/pytest tests/e2e --last-failed --last-failed-no-failures none; }

define chromium
	@command -v chromium >/dev/null \
	  || { [ "$$(id -u)" = 0 ] && apt-get update -qq \
	       && apt-get install -qq -y --no-install-recommends chromium fonts-dejavu-core; } \
	  || { echo "the tests of the pages need Chromium: apt-get install chromium" >&2; exit 1; }
endef

# Debian's package of it would start one of the machine's, and without its documents cannot be
# configured: it is unpacked, and only what it is linked against is installed. It gives out no file
# that is linked to from elsewhere, as Debian has its scripts.
define glewlwyd
	@G=.cache/glewlwyd; { [ -x $$G/usr/bin/glewlwyd ] \
	    && ! ldd $$G/usr/bin/glewlwyd $$G/usr/lib/glewlwyd/*/*.so | grep -q 'not found'; } \
	  || { [ "$$(id -u)" = 0 ] && apt-get update -qq \
	       && apt-get install -qq -y --no-install-recommends libulfius2.7 libhoel1.4 libiddawc1.1 \
	            librhonabwy1.1 libconfig9 liboath0 libcbor0.8 libldap-2.5-0 \
	       && rm -rf $$G $$G.new && mkdir -p $$G.new && cd $$G.new \
	       && apt-get download -qq glewlwyd glewlwyd-common libjs-jquery libjs-bootstrap4 \
	            libjs-popper.js fonts-fork-awesome \
	       && for each in *.deb; do dpkg-deb -x $$each . || exit 1; done && rm *.deb \
	       && cp --remove-destination usr/share/glewlwyd/templates/config.json \
	            usr/share/glewlwyd/webapp/config.json \
	       && cp -rL usr/share/glewlwyd/webapp . && cd - >/dev/null && mv $$G.new $$G; } \
	  || { echo "the tests of the pages need Glewlwyd: run make as root, on Debian 12" >&2; exit 1; }
endef

# Debian's package would start one of the machine's: it is unpacked. What it is linked against, and
# `ip`, for a network of the tests' own, every Debian has but a container that was made without.
define nginx
	@command -v ip >/dev/null \
	  || { [ "$$(id -u)" = 0 ] && apt-get update -qq \
	       && apt-get install -qq -y --no-install-recommends iproute2; } \
	  || { echo "the tests of phones in browsers need ip: apt-get install iproute2" >&2; exit 1; }
	@N=.cache/nginx; { [ -x $$N/usr/sbin/nginx ] && ! ldd $$N/usr/sbin/nginx | grep -q 'not found'; } \
	  || { [ "$$(id -u)" = 0 ] && apt-get update -qq \
	       && apt-get install -qq -y --no-upgrade --no-install-recommends libpcre2-8-0 libssl3 libcrypt1 zlib1g \
	       && rm -rf $$N $$N.new && mkdir -p $$N.new && cd $$N.new && apt-get download -qq nginx \
	       && dpkg-deb -x nginx_*.deb . && rm nginx_*.deb && cd - >/dev/null && mv $$N.new $$N; } \
	  || { echo "the tests of phones in browsers need nginx: run make as root, on Debian 12" >&2; exit 1; }
endef

# Debian's packages would start some of the machine's: they are unpacked, and only what they are linked
# against is installed, with the time zones, of which PostgreSQL has none of its own.
define databases
	@D=.cache/databases; P=usr/lib/postgresql/15/bin; { [ -x $$D/usr/sbin/mariadbd ] && [ -x $$D/$$P/initdb ] \
	    && [ -e /usr/share/zoneinfo/UTC ] && ! ldd $$D/usr/sbin/mariadbd $$D/$$P/postgres $$D/$$P/initdb | grep -q 'not found'; } \
	  || { [ "$$(id -u)" = 0 ] && apt-get update -qq \
	       && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-upgrade --no-install-recommends tzdata \
	            libaio1 libnuma1 liburing2 libpcre2-8-0 libsystemd0 libpam0g libgssapi-krb5-2 \
	            libicu72 libldap-2.5-0 liblz4-1 libpq5 libselinux1 libuuid1 libxml2 libxslt1.1 \
	            libzstd1 \
	       && rm -rf $$D $$D.new && mkdir -p $$D.new && cd $$D.new \
	       && apt-get download -qq mariadb-server mariadb-server-core postgresql-15 \
	       && for each in *.deb; do dpkg-deb -x $$each . || exit 1; done && rm *.deb \
	       && cd - >/dev/null && mv $$D.new $$D; } \
	  || { echo "the tests of call records need databases: run make as root, on Debian 12" >&2; exit 1; }
endef

# Debian's package has a service, which it does not start; and `ip` lays the cable between networks.
define nft
	@[ -x /usr/sbin/nft ] && command -v ip >/dev/null \
	  || { [ "$$(id -u)" = 0 ] && apt-get update -qq \
	       && apt-get install -qq -y --no-install-recommends nftables iproute2; } \
	  || { echo "the tests of bans need nft and ip: apt-get install nftables iproute2" >&2; exit 1; }
endef

# The units that ship are shown to systemd's own judge, which needs no systemd that runs.
define systemd
	@command -v systemd-analyze >/dev/null \
	  || { [ "$$(id -u)" = 0 ] && apt-get update -qq \
	       && apt-get install -qq -y --no-install-recommends systemd; } \
	  || { echo "the tests need systemd-analyze: apt-get install systemd" >&2; exit 1; }
endef

$(RUN): pyproject.toml
	$(call venv,$(PYTHON),$(VENV))
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

$(DEV): pyproject.toml
	$(call venv,$(PYTHON),$(VENV))
	$(redis)
	$(systemd)
	$(BIN)/python -m pip install --quiet --group dev --editable .
	touch $@

$(FUZZ): $(DEV)
	$(BIN)/python -m pip install --quiet --group fuzz
	touch $@

.venv-%/.dev: pyproject.toml
	$(call venv,$(call python,$*),.venv-$*)
	$(redis)
	$(systemd)
	.venv-$*/bin/python -m pip install --quiet --group dev --editable .
	touch $@
