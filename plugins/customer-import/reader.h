// A file of customers as rows of cells, piece by piece: bytes in any of the encodings that office
// programs write become UTF-8, libcsv splits them, and each row knows the byte and the line where
// it begins, so that whoever reads stops after any row and goes on there later. A quote that is
// never closed costs its line only. What is made lives for the call.
#pragma once

#include <vitrine.h>

enum { READER_CELLS_MAX = 60, READER_ROW_MAX = 64 << 10, READER_PIECE = 256 << 10 };

enum reader_encoding { READER_UTF8, READER_1252, READER_UTF16LE, READER_UTF16BE, READER_ENCODINGS };
extern const char *const reader_encodings[READER_ENCODINGS]; // "utf-8", …
enum reader_encoding reader_encoding_of(struct vt_str name);

enum reader_flaw {
    READER_GOOD,
    READER_LETTERS, // bytes that are none in this encoding
    READER_QUOTE,   // opened and never closed; the one cell is the line
    READER_LONG,    // of more than READER_ROW_MAX: nothing after it is read
};

struct reader_row {
    int64_t line;
    struct vt_str cells[READER_CELLS_MAX];
    size_t count;
    enum reader_flaw flaw;
};

struct reader {
    struct vt_call *call;
    enum reader_encoding encoding;
    char separator;
    struct vt_str bytes; // from the beginning of a row
    bool last;           // the file ends with them
    int64_t line;        // in: of the first byte; out: of the next row
    // False: enough rows.
    bool (*on_row)(void *arg, const struct reader_row *row);
    void *arg;
};
// How many bytes were used: the next row begins behind them.
size_t reader_run(struct reader *r);
