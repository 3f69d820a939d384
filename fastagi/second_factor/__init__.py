"""PIN, one-time code, recovery codes, and the vault of secrets. Pure: no clock, no file, no store.

    vault           what encrypts and digests with the site's keys
    pin             which PINs are too weak, how they are hashed and checked
    one_time_code   TOTP: secret, enrolment URI, which step a code is of
    recovery        ten codes on paper for whoever lost the telephone
    qr              the enrolment URI as a picture

What is already used up (steps, recovery codes) and how often somebody may guess is the store's to
know; asking the caller is `fastagi.call.challenge`.
"""
