"""A stand-in for BillDiary's Integration API: requisitions, orders, purchases, payments and returns.

It is served beside Luminous, from the same books, with users, rules of the wire and tables of its own.
"""
