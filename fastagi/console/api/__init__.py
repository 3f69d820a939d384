"""The API for programs, at `/api/v1`: who is signed in, and opening and ending it.

    application   all of it as one ASGI application, with its OpenAPI document
    sign_ins      what can be asked for
    shapes        what is answered, and what may be sent
    access        whose token it is, and what that may do
    once          the same request sent twice is done once
    pace          how many requests a token has
    body          what is read of a body, strictly and not for ever
    envelope      around every request: its id, its path, its headers
    problems      every refusal there is (RFC 9457)
    ports         what it needs of the world

An application of its own, mounted into the web's: it knows no cookies and no sessions, and what is
refused here is refused as JSON.
"""
