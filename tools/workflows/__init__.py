"""Tools for everyday questions, each made of several operations that read: what they take, and how they answer."""
