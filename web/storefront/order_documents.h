// What a buyer takes away from an order: the tickets as a PDF and the calendar file. Texts are
// made on the loop, the PDF in the thread pool.
#pragma once

#include "domain/order_place.h"
#include "http/request.h"

// From a fiber. Absent when there is no ticket or the pool is too busy.
struct str order_ticket_pdf(struct request *r, const struct order *o);
struct str order_calendar(struct request *r, const struct order *o);
