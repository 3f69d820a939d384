"""Numbers as callers of each country dial them, read by the plan of a site there."""

from __future__ import annotations

import phonenumbers
import pytest

from fastagi.numbering.national_only import digits_at_home
from fastagi.numbering.plan import NumberingPlan

CASES = {
    "GB": """
        02079460000         +442079460000     GB   national
        07400123456         +447400123456     GB   mobile
        08001111            +448001111        GB   toll-free
        08001234567         +448001234567     GB   toll-free
        08712345678         +448712345678     GB   shared-cost
        08451234567         +448451234567     GB   shared-cost
        05512345678         +445512345678     GB   shared-cost
        09012345678         +449012345678     GB   premium
        07012345678         +447012345678     GB   personal
        03001234567         +443001234567     GB   national
        07797712345         +447797712345     JE   international
        07924123456         +447924123456     IM   international
        00390612345678      +390612345678     IT   international
        0044 2079460000     -                 -    invalid
        011390612345678     -                 -    invalid
        118500              118500            GB   premium
        101                 101               GB   toll-free
        111                 111               GB   toll-free
        159                 159               GB   national
        116117              116117            GB   toll-free
        999                 999               GB   emergency
    """,
    "US": """
        2015550123          +12015550123      US   national
        12015550123         +12015550123      US   national
        +12015550123        +12015550123      US   national
        5550123             -                 -    invalid
        18002345678         +18002345678      US   toll-free
        19002345678         +19002345678      US   premium
        15002345678         +15002345678      US   personal
        18765230123         +18765230123      JM   international
        8765230123          +18765230123      JM   international
        12425230123         +12425230123      BS   unallocated
        12423456789         +12423456789      BS   international
        16132345678         +16132345678      CA   international
        17872345678         +17872345678      PR   international
        011390612345678     +390612345678     IT   international
        01139899123456      +39899123456      IT   premium
        00390612345678      -                 -    invalid
        01112015550123      +12015550123      US   national
        411                 411               US   premium
        211                 211               US   national
        811                 811               US   toll-free
        911                 911               US   emergency
    """,
    "CA": """
        15062345678         +15062345678      CA   national
        18002345678         +18002345678      CA   toll-free
        19002345678         +19002345678      CA   premium
        16002012345         +16002012345      CA   satellite
        14169761234         +14169761234      CA   premium
        14165551212         +14165551212      CA   shared-cost
        12015550123         +12015550123      US   international
        18765230123         +18765230123      JM   international
        011442079460000     +442079460000     GB   international
        3101234             3101234           CA   shared-cost
        911                 911               CA   emergency
    """,
    "JM": """
        8765230123          +18765230123      JM   national
        18762101234         +18762101234      JM   mobile
        16582301234         +16582301234      JM   mobile
        12015550123         +12015550123      US   international
        18002345678         +18002345678      US   international
        19002345678         +19002345678      US   premium
        011442079460000     +442079460000     GB   international
        110                 110               JM   emergency
        119                 119               JM   emergency
    """,
    "IT": """
        0612345678          +390612345678     IT   national
        +390612345678       +390612345678     IT   national
        00390612345678      +390612345678     IT   national
        +39612345678        +39612345678      IT   unallocated
        3123456789          +393123456789     IT   mobile
        393123456789        +393123456789     IT   mobile
        0669812345          +390669812345     VA   international
        800123456           +39800123456      IT   toll-free
        848123456           +39848123456      IT   shared-cost
        899123456           +39899123456      IT   premium
        1781234567          +391781234567     IT   personal
        00442079460000      +442079460000     GB   international
        113                 113               IT   emergency
    """,
    "FR": """
        0123456789          +33123456789      FR   national
        0612345678          +33612345678      FR   mobile
        0801234567          +33801234567      FR   toll-free
        0891123456          +33891123456      FR   premium
        0884012345          +33884012345      FR   shared-cost
        0806123456          +33806123456      FR   national
        0912345678          +33912345678      FR   voip
        00442079460000      +442079460000     GB   international
        00262692123456      +262692123456     RE   international
        00590690001234      +590690001234     GP   international
        00596696201234      +596696201234     MQ   international
        00689401234         +689401234        PF   unallocated
        0262201234          +262262201234     RE   international
        0692123456          +262692123456     RE   international
        0269601234          +262269601234     YT   international
        0639012345          +262639012345     YT   international
        0590201234          +590590201234     GP   international
        0690001234          +590690001234     GP   international
        0594201234          +594594201234     GF   international
        0694201234          +594694201234     GF   international
        0596601234          +596596601234     MQ   international
        0696201234          +596696201234     MQ   international
        0508412345          +508412345        PM   international
        0508112345          +508112345        PM   unallocated
        596601234           -                 -    invalid
        +33596601234        -                 -    invalid
        0033596601234       -                 -    invalid
        3010                3010              FR   toll-free
        118000              118000            FR   premium
        15                  15                FR   emergency
    """,
    "DE": """
        030123456           +4930123456       DE   national
        015123456789        +4915123456789    DE   mobile
        08001234567890      +498001234567890  DE   toll-free
        018012345           +4918012345       DE   shared-cost
        013771234567        +4913771234567    DE   unallocated
        09001234567         +499001234567     DE   premium
        070012345678        +4970012345678    DE   personal
        018500123456        +4918500123456    DE   shared-cost
        00431234567890      +431234567890     AT   international
        11833               11833             DE   premium
        110                 110               DE   emergency
    """,
    "ES": """
        810123456           +34810123456      ES   national
        612345678           +34612345678      ES   mobile
        800123456           +34800123456      ES   toll-free
        803123456           +34803123456      ES   premium
        901123456           +34901123456      ES   shared-cost
        701234567           +34701234567      ES   personal
        511234567           +34511234567      ES   national
        00351212345678      +351212345678     PT   international
        010                 010               ES   national
        112                 112               ES   emergency
    """,
    "BR": """
        1123456789          +551123456789     BR   national
        01123456789         +551123456789     BR   national
        0151123456789       +551123456789     BR   national
        0311123456789       +551123456789     BR   national
        01511961234567      +5511961234567    BR   mobile
        0800123456          +55800123456      BR   toll-free
        0500123456          +55500123456      BR   premium
        40041234            40041234          BR   shared-cost
        +5540041234         40041234          BR   shared-cost
        0015390612345678    +390612345678     IT   international
        190                 190               BR   emergency
    """,
    "AU": """
        0212345678          +61212345678      AU   national
        0412345678          +61412345678      AU   mobile
        1800123456          +611800123456     AU   toll-free
        1300123456          +611300123456     AU   shared-cost
        131234              131234            AU   shared-cost
        +61131234           131234            AU   shared-cost
        1900123456          +611900123456     AU   premium
        0147101234          +61147101234      AU   satellite
        01631234            +611631234        AU   pager
        0891641234          +61891641234      CX   international
        0011442079460000    +442079460000     GB   international
        0018442079460000    +442079460000     GB   international
        000                 000               AU   emergency
        0000                -                 -    invalid
    """,
    "IE": """
        02212345            +3532212345       IE   national
        0850123456          +353850123456     IE   mobile
        1800123456          +3531800123456    IE   toll-free
        1520123456          +3531520123456    IE   premium
        1850123456          +3531850123456    IE   shared-cost
        0818123456          +353818123456     IE   national
        0700123456          +353700123456     IE   personal
        0761234567          +353761234567     IE   voip
        00442079460000      +442079460000     GB   international
        999                 999               IE   emergency
    """,
    "CH": """
        0212345678          +41212345678      CH   national
        0781234567          +41781234567      CH   mobile
        0800123456          +41800123456      CH   toll-free
        0840123456          +41840123456      CH   shared-cost
        0900123456          +41900123456      CH   premium
        0878123456          +41878123456      CH   personal
        0740123456          +41740123456      CH   pager
        0581234567          +41581234567      CH   national
        00390612345678      +390612345678     IT   international
        00423 2345678       -                 -    invalid
        004232345678        +4232345678       LI   international
        117                 117               CH   emergency
    """,
    "RU": """
        89123456789         +79123456789      RU   mobile
        87012345678         +77012345678      KZ   international
        810442079460000     +442079460000     GB   international
        89541234567         +79541234567      RU   satellite
        88401234567         +78401234567      001  international
    """,
    "RE": """
        0262201234          +262262201234     RE   national
        0692123456          +262692123456     RE   mobile
        0269601234          +262269601234     YT   international
        0596601234          +596596601234     MQ   international
    """,
    "JE": """
        08001234567         +448001234567     JE   toll-free
        03001234567         +443001234567     JE   national
        08451234567         +448451234567     GB   shared-cost
        02079460000         +442079460000     GB   international
    """,
    "KZ": """
        88001234567         +78001234567      KZ   toll-free
    """,
    "NL": """
        0881234567          +31881234567      NL   national
    """,
    "AR": """
        0343155551212       +5493435551212    AR   mobile
    """,
}
"""By country: as dialled, as the trunk gets it, whose it is, its leading category."""

ROWS = [
    pytest.param(country, *line.rsplit(maxsplit=3), id=f"{country}-{line.strip()[:19].strip()}")
    for country, lines in CASES.items()
    for line in lines.strip().splitlines()
]


@pytest.mark.parametrize(("country", "dialled", "number", "whose", "category"), ROWS)
def test_a_number_as_dialled_there(
    country: str, dialled: str, number: str, whose: str, category: str
) -> None:
    """National and international prefixes, carriers and short codes are the country's own."""
    read = NumberingPlan(country).read(dialled.strip())
    found = (read.number or "-", read.country or "-", str(read.category))
    assert found == (number, whose, category)


@pytest.mark.parametrize("country", sorted(phonenumbers.SUPPORTED_REGIONS))
def test_every_type_of_number_is_read_as_it_is_written_there(country: str) -> None:
    """In all countries it leads to the E.164 it stands for, or stays where there is none."""
    site = NumberingPlan(country, outside_prefix="9")
    for kind in phonenumbers.supported_types_for_region(country):
        example = phonenumbers.example_number_for_type(country, kind)
        assert example is not None
        form = phonenumbers.PhoneNumberFormat
        written = phonenumbers.format_number(example, form.NATIONAL)
        dialled = "9" + phonenumbers.normalize_digits_only(written)
        in_e164 = phonenumbers.format_number(example, form.E164)
        at_home = digits_at_home(example, country)
        assert site.read(dialled).number == (at_home or in_e164)
