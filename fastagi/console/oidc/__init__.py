"""Having an OpenID provider say who somebody is; what they may do is not its business.

    client     what we are to the provider, and what we ask of it
    attempt    one sign-in that has begun: what binds its answer to this browser
    asking     HTTP to the provider, bounded
    provider   its own description, its keys, and codes turned into what it says of somebody
    id_token   whether what it says is true, and meant for us, now
    claims     where in what it says something stands

It is the authorization code flow of OpenID Connect Core 1.0 (3.1) with PKCE (RFC 7636), the
issuer's name in the answer (RFC 9207), and what RFC 9700 says of such clients.
"""
