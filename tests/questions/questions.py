"""All questions. Add one to the module of its kind: the words, at most two calls, and what each of them must say."""

from of_anything import ANYTHING
from of_bills import BILLS
from of_goods import GOODS
from of_paying import PAYING
from of_sales import SALES

QUESTIONS = (*BILLS, *PAYING, *SALES, *GOODS, *ANYTHING)
