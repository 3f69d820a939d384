"""What `dialplan/dialguard.conf` does, step by step, as digests (`routine.digest`).

Its test tells when the file has changed, and what to write here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

STEPS: Final[Mapping[str, Mapping[str, str]]] = {
    "dialguard": {
        "T": "0a3d7e35",
        "ask": "76d26d4bb81e24f1dc9138fc44e67abe93a67bff1603357d",
        "dialled": "6e7840fc3ef4d004",
        "falls": (
            "b6f4b89a13d6a827bbb640edd8bcf5caa040b3854a629b28eac4d936582e6a6f63cab6a7cbb34edd"
            "dc892d62"
        ),
        "feature": (
            "1318fed1f772f74fdc5be475b9103423fe028474e57094fe853602f91edcea39369dc2bb986d5baa"
            "a3e1fca6"
        ),
        "give-back": (
            "606de905341bb06ef2fd3c22c71232f3bb258a311b224e5930f7edfc2dcbf8ec0af5e5a87d46dcec"
        ),
        "gone": "06722ddef518b7cb099141931e73c88f76fab8ae6bf1d88b",
        "hungup": (
            "af213a36029b6f2575c817b2a722e72e2e40917d57f6a3cd54f4d60fd0d91af64f94ba00fa70585e"
            "8f8d9b70"
        ),
        "inside": "ed1ff491d84a036cf4ef07e614581be5c64bd352",
        "leg": "b6436e176cc0b0bb4427cfdbdcbd0c0768905b1e54dcd3e9ed65226da20008a7",
        "now": "ce3bdf91159733fa8fd1b60a",
        "on-behalf": "58188dedb71ee832dbe2f1db6f937c41123bc797",
        "outbound": (
            "4a8b8d283e5e445e5d5d1960aa451e76307a2f4ab024fe54ae9dc866fa60997985114b2c22b3af07"
            "8a1a989e506704c81ca876cc66cd357deb72d8a3dc1a230189cb390caf9b20898790961e13205c84"
        ),
        "question": (
            "bfa55ae337a48d9444efa4176eb1bd44b74e5d36c0fa880d13bb487dfd2202865a3d39b11c2010d3"
            "7e8c16bc97763055de19a393cf8540a200f123205bfcd0bcbd5e73c7e83d5b0349bd16ae66d61db6"
            "30615e9860ea159dfe8bf713fc2b7bfd60f0d38d8c3f82d09a1e7e0b50ccada9fc07e44c30f8c0f3"
            "02dbc41c9f9a48918efbea4b25af12aca09bab1ba095ce993408b1d4c5f20d0e3cc5d6525eca34ae"
            "6a1adb753c9924e750e143d34338d5fb05bcc98a"
        ),
        "refuse": "235df907fde274abb3766cdaffb203fc4353ddf9",
        "release": "e994aa6da24e1b61b72914ebc8d59d82c8c7075c4c341695fdc80c55",
        "rises": "5ed3dab1c70d69dcb44f7f09b4f435ce123bc797",
        "service": "2a5964eb119fdef55320cd3f440d976c6b733a8f",
        "spent": "0e21cf253ef4d004",
        "unheard": "d10d11fbb3862ecc2808e0283bf2f99075d755e90a5e85c0",
        "unspeakable": "0402dbf8",
    },
    "dialguard-answered": {
        "s": "575f4dcdc652c988f7c5004d",
    },
    "dialguard-release": {
        "_release:.": "10021bb3bd9829147918ece0be62527691f396099e59004e",
    },
}
