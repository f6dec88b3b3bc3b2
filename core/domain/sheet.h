// A list as a file for spreadsheets and bookkeepers: typed columns and rows of cells, written as
// CSV here and as XLSX by sheet_xlsx.h. Text that comes from people never becomes a formula. CSV
// follows RFC 4180 with what Excel expects of the reader's language: where the comma is the decimal
// sign, fields are separated by semicolons. Pure; everything is borrowed for the call.
#pragma once

#include "base/buf.h"
#include "base/money.h"
#include "base/zone.h"

enum sheet_type {
    SHEET_TEXT,
    SHEET_COUNT,  // a whole number
    SHEET_AMOUNT, // minor units of the sheet's currency
    SHEET_SHARE,  // parts per million, shown per cent
    SHEET_TIME,   // microseconds since 1970, shown as on the venue's clock
};

struct sheet_column {
    struct str label;
    enum sheet_type type;
    int width; // characters
};

struct sheet {
    const struct sheet_column *columns;
    int count;
    struct str title; // of a spreadsheet's page
    struct currency currency;
    const struct zone *zone;
    bool decimal_comma;
};

// Text or number, by its column's type; an unfilled one is empty.
struct sheet_cell {
    bool filled;
    struct str text;
    int64_t number;
};

// With the mark that tells Excel that it is UTF-8.
void sheet_csv_head(struct buf *b, const struct sheet *sheet);
void sheet_csv_row(struct buf *b, const struct sheet *sheet, const struct sheet_cell *cells);
