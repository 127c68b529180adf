"""The trade's words: what people say, and what the API calls it. Used by the search over tools.

Questions and documents are both rewritten by these tables, so that a "GRN" finds a "receiving report". Each line of a
table is a canonical word, or several, and the forms that stand for it. The longest form wins. Forms are compared by
their stems: the singular and the present tense suffice.
"""

from __future__ import annotations

from collections.abc import Mapping


def _table(text: str) -> dict[str, str]:
    """Form to canonical words, of lines such as `canonical words: form, form`."""
    forms: dict[str, str] = {}
    for line in text.strip().splitlines():
        canonical, _, listed = line.partition(":")
        forms |= {form.strip(): canonical.strip() for form in listed.split(",")}
    return forms


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# What things are called

TERMS: Mapping[str, str] = _table(
    """
    purchaseorder: purchase order, po, buy order, factory order, supplier order, vendor order, procurement order
    purchaseorder: order to supplier, order to vendor, order with supplier, order from supplier, order from vendor
    purchaseorder: order from a supplier, order from the factory, order to factory, we order, we ordered, on order, buy
    purchaseorder: procure, reorder from, order placed with, units from, order line from supplier
    purchaseorder line: purchase order line, purchase order item, po line, po item, purchase line
    salesorder: sales order, sale order, customer order, client order, web order, shop order, phone order
    salesorder: wholesale order, online order, order from customer, order of customer, order for a customer
    salesorder: order number, order book
    salesorder line: sales line, sale line, sold line, sales order line, order line of customer
    fulfillmentorder: fulfillment order, fulfilment order, fulfillment, fulfilment, pick order, picking order
    transferorder: transfer order, stock transfer, inventory transfer, inter warehouse transfer
    transferorder: interwarehouse transfer, warehouse transfer, transfer, inter warehouse move, move stock, move goods
    transferorder: move inventory, stock move, relocate, rebalance, internal transfer, interwarehouse
    transferorder: from one warehouse to another
    bill: bill, ap invoice, ap bill, vendor bill, supplier bill, vendor invoice, supplier invoice, purchase invoice
    bill: incoming invoice, payable invoice, payable, account payable, accounts payable, ap, factory invoice
    bill: payee invoice, invoice from supplier, invoice from vendor, invoice by the vendor, invoice from a supplier
    bill: invoiced by the vendor, vendor's invoice, creditor invoice, purchase bill, freight invoice, utility invoice
    bill: freight bill
    transferorder: move between, between warehouse, between site, between our site, between dc
    bill aging vendor: we owe, do we owe
    invoice: invoice, ar invoice, customer invoice, sales invoice, client invoice, receivable, account receivable, ar
    invoice: accounts receivable, debtor, customer owe, owe us, owes us, invoice to customer, bill the customer
    invoice: bill a customer, bill the client, bill a client, bill our customer, bill customer, charge a customer
    invoice: outgoing invoice, charge the customer, invoice a customer, invoice the customer, invoice the client
    aging: aging, ageing, aged, age, overdue, past due, late, days overdue, bucket, age bucket, how old, old, oldest
    aging: 30 60 90, long outstanding
    legacy: older, legacy, old style, old way, deprecated, backward compatible
    summary: summary, headline, total, totals, overview, at a glance, dashboard, snapshot figure, add up, count
    summary: statistic, kpi, aggregate, figure, how much overall, counts, number of
    vendor: vendor, payee, creditor, seller
    vendor supplier: supplier, factory, manufacturer, maker, producer
    customer company: customer, client, buyer, shopper, retailer, consumer, end customer, b2b customer
    company: company, business account, b2b account, trading partner, business partner, customer account
    company: client account, firm, business, corporate account
    contact: contact, contact person, person, people, address book, staff, employee, who do we talk to
    contact: email address, everyone we deal with, salesperson, rep
    portal password: portal password, portal login, log in to the portal, login, log in, sign in, password, credential
    portal password: b2b portal
    payment: payment, pay, paid, remittance, settle, settlement, wire, cheque, check payment, by check, ach
    payment: bank transfer, money out, paying, pay off
    prepayment: prepayment, advance, deposit, down payment, downpayment, prepaid, prepay, up front, upfront, in advance
    prepayment: advance payment, on account payment, paid ahead, pre payment, retainer, proforma payment
    prepayment: pro forma payment
    obligation: payment obligation, obligation, scheduled payment, planned payment, payment commitment, commitment
    obligation: installment, instalment, payment schedule, upcoming payment, future payment, milestone payment
    obligation: payable commitment, vendor obligation, scheduled vendor payment, cash commitment
    vendorcredit: vendor credit, supplier credit, vendor credit memo, supplier credit memo, vendor credit note
    vendorcredit: supplier credit note, credit memo, credit note, debit note, debit memo, ap credit
    vendorcredit: vendor's credit note, factory credit
    vendorreturn: vendor return, supplier return, return to vendor, return to supplier, rtv, send back to vendor
    vendorreturn: return to the vendor, return to the supplier, return to the factory, return to factory
    vendorreturn: factory return, vendor rma, supplier rma, rma to the factory, rma with supplier, purchase return
    vendorreturn: returned to vendor, send back to supplier, back to the supplier, back to the vendor
    vendorreturn: back to the factory, back to supplier
    customerreturn: customer return, sales return, return from customer, return from a customer, return by customer
    customerreturn: customer rma, shopper return, buyer return, return authorization, merchandise return, refund
    return: return, rma, send back, sent back, go back, goes back, ship back, come back, came back, give back
    return: sending back
    application: application, applied, usage of credit
    apply: apply, use against, offset, set off, knock off, net off, deduct, draw down, consume credit, offset with
    apply: set against, use the
    consumption: use up, consumption, consume, used up, usage, burn rate, depletion, material usage
    reverse: reverse, undo, unapply, back out, roll back, rollback, take back, revert, un apply, restore
    reopen: reopen, unpost, un post, unlock posted, back to draft, undo posting, reverse posting, editable
    reopen: make editable, posted by mistake, unlock it, unfinalize, un finalize
    post: post, finalize, finalise, make payable, commit, sign off, book draft, approve for payment
    writeoff: write off, written off, write down
    void: void, null, nullify, annul, write off payment, bounce
    cancel: cancel, call off, abort, scrub
    hold: hold, block, freeze, withhold, on hold, suspend, stop payment, payment block, do not pay, park, pause
    hold: put on hold, payment hold, stop paying
    unhold: unhold, release, unblock, unfreeze, lift, off hold, lift hold, resume, remove hold, release hold
    unhold: take off hold, lift the block, remove the block, stop withholding, payment block off, no longer on hold
    unhold: take block off, lift payment block, release held, release from hold
    duplicate: duplicate, dupe, double, twice, already entered, same number, already in the system, already book
    duplicate: already key in, already exist, double entry, doubly
    due date: due date, when is it due, payment due, falls due
    attachment: attachment, attached file, pdf, scan, scanned document, document image, file, paperwork, document
    attachment: scanned copy, photo, paper copy
    download: download, get file, save to disk, to disk, save locally, get pdf
    export: export, csv, excel, spreadsheet, xlsx, to a file, as file, as a file, download as
    allocation: allocation, allocate, apportion, distribute, distribution, cost split, assign cost, cost assignment
    allocation: landed cost, landed, unallocated, deallocate, cost allocation, allocated cost, charge to line
    prorate: prorate, pro rata, pro rate, proportion, proportional, proportionally, spread, evenly
    freight: freight, duty, customs, shipping charge, freight charge, import duty, tariff
    suggest: suggest, suggestion, recommend, recommendation, propose, proposal, ai, guess, smart, best match, hint
    candidate: candidate, potential match, possible match, could match, might match, match candidate
    automatic: auto, automatic, automatically, one click, by itself, by themselves
    eligible: eligible, allowed target, valid target, can take, may be allocated
    billable: billable, can be billed, unbilled, not billed, not yet billed, not invoiced, not yet invoiced, uninvoiced
    billable: can we bill, can bill, still to bill, left to bill, to be billed, may be billed, could be billed, grni
    billable: grir, still be billed, remaining to bill, received not billed, not been billed
    variance: variance, mismatch, deviation, price difference, three way match, 3 way match, 2 way match, overcharge
    variance: overbilled, overcharged, 3way match, threeway match, charged more, differ from po, match exception
    resolve: resolve, accept, sign it off, approve variance, is okay, agree
    inbox: inbox, worklist, work list, queue, to do, todo, need attention, waiting for me, waiting for allocation
    inbox: still need, need allocating
    statement: statement, account statement, statement of account, ledger of vendor
    receipt: receiving report, grn, goods receipt, goods received note, goods received, goods in, receiver
    receipt: goods receiving, receipt of goods, receive po, receive goods, check in delivery, delivery receipt
    receipt: stock receipt, book in, receipt, goods arrived, receive delivery, receiving, delivery note
    receive: receive, check in, check it in, arrive, arrival, received
    shipment: shipment, dispatch, despatch, delivery, consignment, container, asn
    vendorshipment: vendor shipment, supplier shipment, purchase order shipment, po shipment, factory shipment
    vendorshipment: supplier dispatch, factory dispatch, vendor dispatch, incoming shipment, shipped by supplier
    vendorshipment: shipment from supplier, shipment from factory, shipment from vendor, vendor delivery
    vendorshipment: supplier delivery
    inbound: inbound shipment, inbound, inbound delivery, 3pl arrival, arrival at warehouse, inbound container
    salesshipment: sales order shipment, sales shipment, customer shipment, outbound shipment, outgoing shipment
    salesshipment: outgoing parcel, outbound delivery, ship order, ship the order, shipped to customer
    salesshipment: outgoing package
    tracking: tracking, tracking number, trace, waybill
    package: package, carton, parcel, box, packing list, sscc, pallet, packing
    product: product, item, sku, article, goods, part number, style, merchandise, catalogue item, catalog item
    product: stock item
    alternate sku: alternate sku, alias, second sku, other sku, alternative sku, additional sku, further sku, extra sku
    alternate sku: alias sku, sku alias, also sold as, another sku, also known as, cross reference
    catalogue: catalogue, catalog, assortment, range, item master, product master
    bom: bom, bill of materials, bill of material, kit, bundle, recipe, assembly, formula, parts list, composition
    bom: build list, assembly recipe, kit recipe
    component: component, ingredient, go into, goes into, made of, consist of, contain
    attach: attach, link, tie, connect, associate, join, built from, belong to it
    detach: detach, unlink, untie, disconnect, dissociate, unassign, unattach, separate, does not belong, no longer a
    tag: tag, label, flag an, retag, keyword
    untag: untag, tag off
    zpl: zpl, zebra, shipping label, barcode label, carton label, thermal label, label print, print label, labelary
    stock: stock, inventory, on hand, onhand, stock level, qoh, available quantity, invetory, quantity on hand
    stock: availability, in stock, out of stock, sellable quantity, can we sell, available to promise, atp
    stock: how many left
    snapshot: snapshot, as of, as it stood, historical, point in time, past stock, stock history, back dated
    snapshot: at period end, year end, end of last year, end of year, end of month, end of last month, end of the year
    snapshot: end of the month, end of quarter, month end stock, was our stock, on that date, at year end
    adjustment: cycle count, stocktake, stock count, physical count, recount, shrinkage, miscount, stock correction
    adjustment: correct on hand, correct the on hand, adjust stock, adjust inventory, inventory adjustment
    adjustment: stock adjustment, write off stock, damaged stock, count say, breakage, correct stock
    warehouse: warehouse, dc, distribution center, distribution centre, fulfillment center, fulfilment centre, depot
    warehouse: site, facility, stockroom, storage site, fulfillment centre, fulfilment center, fc
    warehousegroup: warehouse group, group of warehouse, site group, warehouse region, region of warehouse, region
    warehousegroup: cluster of warehouse, pool of warehouse, warehouse pool, group of dc, warehouse cluster
    location: location, bin, shelf, shelves, rack, aisle, slot, storage position, bay, pick face, zone
    unitclass: unit class, class of unit, uom class, uom category, measure type, kind of measure, unit family
    unitclass: unit group, type of measure, measure class, class, dimension, unit category, unit of measure class
    unit: unit of measure, uom, unit, measure, measurement unit
    conversionrule: conversion rule, unit conversion, uom conversion, conversion factor, factor, case pack
    conversionrule: unit conversion rule, ratio, units per case, pieces per, eaches per, case pack size, unit rule
    conversionrule: uom rule, eaches in a case
    baseunit: base unit, base uom, base unit of measure, default unit, reference unit
    pricelevel price: price list, pricelist
    pricelevel: price level, price tier, price group, customer tier, tier name, pricing level, rate card, pricing tier
    pricelevel: wholesale tier, distributor tier
    priceschedule: price schedule, quantity break, volume discount, price break, volume break, promotion, promo
    priceschedule: price calendar, quantity discount, discount schedule, pricing schedule, bulk discount, sale campaign
    priceschedule: special offer
    price: price, pricing
    override: override, exception, special price, negotiated price, contract price, agreed price, custom price
    company price: customer price, price for customer, company pricing, customer specific price, price per customer
    company price: client price, price for company, price of customer, net price, customer pricing
    currency: currency, money code, ccy, eur, usd, gbp, cny, jpy, cad, aud, euro, dollar, yen, pound sterling
    currency: swiss franc
    rate: exchange rate, fx, fx rate, rate, foreign exchange, currency rate
    basecurrency: base currency, home currency, functional currency, reporting currency, main currency, ledger currency
    basecurrency: book currency, keep our books, keep books, our books, books in, default currency, local currency
    channel: channel, sales channel, store, shop, marketplace, storefront, web shop, webshop, ecommerce store
    channel: web store, online store, platform, shopify, amazon, ebay, walmart, etsy, tiktok, e commerce store
    sync: sync, synchronize, synchronise, feed, replicate
    fieldmapping: field mapping, value mapping, code translation, value translation, carrier translation, translation
    fieldmapping: mapped value, map a value, mapping of value, code mapping, translate a code, translate, mapping value
    integrationmapping: integration mapping, object mapping, object translation, data mapping, mapping template
    integrationmapping: data map, transformation, mapping profile, transform
    fieldmapping mapping: mapping, map, mapped
    carrier: carrier, courier, ups, fedex, dhl, usps
    shippingmethod: shipping method, ship method, delivery method, shipping service, service level, ship via
    shippingmethod: shipping option
    oms: oms, 3pl, order system, trackstar, external system, shiphero, fulfillment partner, extensiv, shipbob
    oms: logistics partner
    push: push, send to 3pl, transmit, submit to oms
    retry: resend, repush, re push, retry, try again, push again, stuck, failed push
    unpush: unpush, recall, un push, pull back, take back from 3pl, call back
    customfield: custom field, user defined field, udf, custom attribute, extra field, additional field, own field
    customfield: metafield
    definition: definition, field definition, dropdown, choice, picklist
    value: value, fill, fill in, filled
    edi: edi, electronic data interchange, x12, edifact
    cogs: cogs, cost of goods sold, cost of sales, cost of sale, sold cost, margin
    zerocost: without any cost, have no cost, zero cost, without cost, no cost, missing cost, cost at zero
    zerocost: without a cost, cost is missing, cost of zero
    zerovaluation: zero valuation, valued at zero, zero value, no value, worth nothing, without value
    zerovaluation: valued at nothing, zero valued, value of zero
    discrepancy: discrepancy, disagree, out of sync, out of balance, not match cost layer, differ, layer mismatch
    discrepancy: mismatch cost layer, cost layer mismatch
    costlayer: cost layer, fifo layer, layer
    closebooks: close the books, month end, period close, quarter close, month end close, closing the month
    closebooks: quarter end, closing
    accounting: quickbooks, xero, netsuite, accounting, accounting software, accounting system, general ledger
    sales summary: revenue, turnover, sales by channel, sales figure, gross sales, net sales, sales total
    forecast: forecast, prediction, demand prediction, demand forecast, demand, demand planning, sales velocity
    forecast: reorder point, days of stock, run out, velocity, what to reorder, replenishment, projection
    refresh: refresh, stale, up to date, recompute, last computed, last calculated, computed, recalculate
    row: row, record with id, table id, line item of forecast
    billdiary: billdiary, bill diary
    requisition: requisition, purchase requisition, purchase request, indent, request to buy, requests to buy
    requisition: internal request
    purchase: purchase, purchase entry
    reference number: ref no, reference number, ref number, reference no
    standalone: standalone, stand alone, without purchase, without an original purchase, not tied to, unlinked
    standalone: without original, no parent, without a purchase, combined
    lock: lock, read only, protect, readonly
    restock: restock, put back into stock, back in stock, restocking, back to stock
    changedsince: changed since, change since, modified since, updated since, newest change, recently changed
    changedsince: changed after, recently updated, updated after, modified after, newest change first, since last
    changedsince: cursor, delta, incremental
    bulk: bulk, many at once, mass, in one go, batch, several at once, all at once, multiple
    date: date, dated
    status: status, state
    upsert: upsert, insert or update, update or insert, create or update, insert if, otherwise overwrite
    upsert: overwrite otherwise, add or change, create if, create if missing, if it exists, exist or not, add if
    upsert: update if
    import: import, csv text, spreadsheet of, parse
    prefill: prefill, pre fill, auto fill, autofill, populate
    calculate: calculate, compute, work out
    force: force, manually, by hand, myself, override matching
    """
)
"""What things are called, by the words the API has for them; some are compounded so that they count as one word."""

BUYING = _words(
    """
    bill billdiary bought duplicate freight inbound obligation prepayment purchase purchaseorder receipt
    requisition supplier vendor vendorcredit vendorreturn vendorshipment
    """
)
SELLING = _words("channel customer customerreturn fulfillmentorder invoice portal salesorder salesshipment sell sold")
"""Words by which a question is about what we buy, or about what we sell."""

SENSES: Mapping[str, tuple[str, str, str]] = {
    "order": ("purchaseorder", "salesorder", "salesorder"),
    "invoice": ("bill", "invoice", "invoice"),
    "return": ("vendorreturn return", "customerreturn return", "vendorreturn customerreturn return"),
    "shipment": ("vendorshipment shipment", "salesshipment shipment", "vendorshipment salesshipment shipment"),
    "credit": ("vendorcredit", "customerreturn", "vendorcredit"),
}
"""Words that mean one thing in buying, another in selling, and a third where nothing tells which."""

NOISE = _words(
    """
    a an the of for to in on at by with from and or is are was were be been being it its this that these those my
    our your their his her him he she we us i me you they them there here do does did has have had can could should
    would will shall may might must please need want let like so as if into than then just only also too very really
    some any such how much what which who whom whose when where why about per via yet now still up again already
    ever back both each other another same own well ok okay hello hi thanks kindly help am not no but while before
    after during over under s t re ve ll d m without within between because until one id number know possible able
    going got getting give tell come came go went thing stuff out off across right away good done see case
    """
)
"""Words that tell nothing by themselves, once they are not part of a form."""


# What is to be done

ACTIONS: Mapping[str, str] = _table(
    """
    create: create, add, new, enter, key in, make, register, insert, log, raise, set up, onboard, define, write up
    create: draw up, book, record, issue, introduce, place, start, put in, type in, open a, open an, build, input
    create: submit, capture, save, write, write an, write a, draft, start a, start an, give a, give an, log a, post new
    create: take on, raise a, raise an, put, cut a, place an, set one up, want to add, request a, stick, put on
    create: apply tag, load, mass upload, connect a new, draw, prepare, hook up, put a, put down, post a new, set up a
    create: have a new, generate, upload
    update: update, change, edit, modify, rename, correct, fix, amend, revise, flip, adjust, overwrite, set, mark
    update: switch, move, turn on, turn off, push back, postpone, reschedule, relabel, alter, increase, lower, reduce
    update: raise the, mistyped, reassign, convert to, swap, enable, disable, activate, deactivate, put back, bump
    update: extend, shorten, restate, recost, backfill, rework, redo, refresh the, tweak, point to, redirect
    update: relocate to, expedite, cancel hold, make it, is now, now called, should be, has moved, changed, decrease
    update: cut to, patch, toggle, choose, select, declare, exchange, replace, turn, make inactive, misspelled
    update: is wrong, was wrong, moved to, change of, assign, set to
    delete: delete, remove, erase, drop, get rid of, discard, kill, dissolve, trash, purge, wipe, scrap, take off
    delete: take out, take away, throw away, take down, retire, clear out, strike, no longer need, no longer use
    delete: disband, unmap, take off the list, take out of the system, off the list, get rid, stop tracking
    delete: is not needed, not needed, no longer sell, no longer buy, no longer work, left the company, left the firm
    delete: closed down, went out of business, void a, rid, clean up, entered twice, by mistake, delete for good
    delete: withdraw, abolish, nuke, obsolete, throw out
    list: list, show, browse, display, view, find, search, look up, lookup, give me, get me, tell me, check, review
    list: read, see, pull, fetch, retrieve, report on, get, look at, show me, print, find out, see all
    """
)
"""What people say is to be done, by kind of action. A form that is also among the terms is a term."""

SPLIT_FORMS: tuple[tuple[str, str, str], ...] = (
    ("take", "off", "delete"),
    ("take", "out", "delete"),
    ("turn", "on", "update"),
    ("turn", "off", "update"),
    ("switch", "on", "update"),
    ("switch", "off", "update"),
    ("set", "to", "update"),
    ("mark", "as", "update"),
    ("put", "hold", "hold"),
    ("send", "back", "return"),
    ("give", "back", "return"),
    ("move", "warehouse", "transferorder"),
    ("ship", "warehouse", "transferorder"),
    ("reorder", "supplier", "purchaseorder create"),
    ("reorder", "factory", "purchaseorder create"),
    ("where", "go", "allocation"),
    ("when", "calculate", "refresh"),
    ("when", "compute", "refresh"),
    ("when", "update", "refresh"),
    ("let", "allocate", "automatic"),
)
"""Forms with something in between, as in "take the file off": first word, second word, canonical words."""

DEEDS = _words(
    """
    pay settle allocate apportion ship dispatch apply link attach map translate tag label prepay relocate transmit
    assign tie connect offset charge pack invoice replenish receive push send finalize finalise hold block freeze
    release unhold unblock lock post reopen unpost sync process resend repush execute complete resolve accept
    prorate
    """
)
UNDOING = _words("void cancel undo reverse unapply unlink detach untag untie revoke annul nullify unpush recall")
"""Verbs that say which tool is meant and not only what kind of action; as first words they ask for a change."""

NOUN_OR_VERB = _words("order invoice bill tag label return transfer refund credit package advance")
"""Words that are verbs before "the customer" or "20 mugs", and nouns elsewhere."""

EVENTS = _words("paid wired shipped sent granted settled prepaid dispatched arrived received returned bounced")
HAPPENING = _words("we i they us has have was were is are been just")
"""What has happened ("we paid bill 77") is told to have it recorded; and the words before that."""


# How questions are built

ASKING = _words("what which who whose how where when why is are was were do does did has have")
"""A question that starts so wants to know, not to change."""

LINKING = _words("please to and then let also now just")
LEADING = _words("i we you can could would need want like")
"""Words after which a request may begin, and words that may come before its verb."""

MANY = _words("all directory every everything list many overview register table various which whole")
ONE = _words("detail one open particular pull single specific")
"""Words of a question about several records, or about one."""

POINTING = _words("a an the this that these those our my some all back it them every his her their")
"""Words after which a noun comes."""

PREPOSITIONS = _words("of for to in on at by with from against under within per across between into off about via out")
"""What follows them is not what the question is about."""

MEASURED = _words("net than over above under below")
"""A number after these is an amount, not a record's."""
