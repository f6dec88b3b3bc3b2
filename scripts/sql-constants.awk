# Turns a file of named SQL statements into a C header and its constants.
# Every statement is headed `-- name: offer_by_slug`; other comment lines stay out of the text.
# Usage: awk -f sql-constants.awk -v header=REL.h -v out_h=FILE -v out_c=FILE STATEMENTS.sql

function fail(why) {
    printf "%s:%d: %s\n", FILENAME, FNR, why > "/dev/stderr"
    failed = 1
    exit 1
}

function flush_statement() {
    if (name == "")
        return
    if (text == "")
        fail("statement " name " is empty")
    printf "extern struct sql SQL_%s;\n", name > out_h
    printf "struct sql SQL_%s = {.name = \"%s\", .text = %s, .params = %d};\n", name, name, text,
        params > out_c
    name = ""
}

BEGIN {
    print "#pragma once\n#include \"data/sql.h\"\n" > out_h
    printf "#include \"%s\"\n\n", header > out_c
}

/^-- name:/ {
    flush_statement()
    name = $3
    if (name !~ /^[a-z][a-z0-9_]*$/)
        fail("a statement's name is lower case letters, digits and underscores")
    if (name in seen)
        fail("statement " name " stands twice")
    seen[name] = 1
    text = ""
    params = 0
    next
}

/^[ \t]*--/ || /^[ \t]*$/ { next }

{
    if (name == "")
        fail("text before the first `-- name:` line")
    line = $0
    sub(/;[ \t]*$/, "", line)
    rest = line
    while (match(rest, /\$[0-9]+/)) {
        n = substr(rest, RSTART + 1, RLENGTH - 1) + 0
        if (n > params)
            params = n
        rest = substr(rest, RSTART + RLENGTH)
    }
    gsub(/\\/, "\\\\", line)
    gsub(/"/, "\\\"", line)
    text = text "\n    \"" line "\\n\""
}

END {
    if (!failed)
        flush_statement()
}
