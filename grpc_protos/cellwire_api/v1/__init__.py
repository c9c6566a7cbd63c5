"""Version 1 of the protocol: protos and the stubs made of them."""
