"""Records of the Luminous API, one module per toolset."""
