#include "detect.h"

#include <string.h>

enum { SAMPLE_ROWS = 20, SAMPLE_BYTES = 64 << 10 };

const char *const detect_fields[DETECT_FIELDS] = {
    "name", "email", "phone_number", "gender", "birthdate", "category_name", "category_expires"};

// Titles without case, accents and what isn't a letter, kept apart by spaces.
static const char *const titles[DETECT_FIELDS] = {
    " name fullname customer customername client nom nometprenom nomcomplet nomprenom prenomnom"
    " nombre nombrecompleto nombreyapellidos cliente ",
    " email emailaddress mail adressemail courriel adresseemail adresseelectronique courrier"
    " correo correoelectronico direcciondecorreo ",
    " phone phonenumber telephone telephonenumber mobile mobilephone mobilenumber tel portable"
    " numerodetelephone telefono movil numerodetelefono telefonomovil ",
    " gender sex genre sexe civilite genero sexo ",
    " birthdate birthday dateofbirth dob datedenaissance naissance fechadenacimiento nacimiento ",
    " category categoryname customercategory categorie categoriedeclient nomdelacategorie groupe"
    " categoria categoriadecliente grupo membership ",
    " categoryexpires expires expiry expirydate categoryexpiry expiration dateexpiration"
    " expirele finlecategorie caduca caducidad fechadecaducidad vencimiento validuntil "};

// "Date of birth" and "Numéro de téléphone" as in the table above.
static struct vt_str plain(struct vt_call *call, struct vt_str title)
{
    static const struct {
        const char *letter;
        char as;
    } accents[] = {{"é", 'e'}, {"è", 'e'}, {"ê", 'e'}, {"á", 'a'}, {"à", 'a'}, {"í", 'i'},
        {"ó", 'o'}, {"ô", 'o'}, {"ú", 'u'}, {"ñ", 'n'}, {"ç", 'c'}, {"ï", 'i'}};
    struct vt_str folded = vt_text_fold(call, title);
    char *out = vt_alloc(call, folded.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < folded.len; i++) {
        unsigned char c = (unsigned char)folded.p[i];
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
            out[len++] = (char)c;
        for (size_t k = 0; c >= 0xC0 && k < sizeof accents / sizeof *accents; k++)
            if (folded.len - i >= 2 && !memcmp(folded.p + i, accents[k].letter, 2))
                out[len++] = accents[k].as;
    }
    return (struct vt_str){out, len};
}

enum detect_field detect_title(struct vt_call *call, struct vt_str title)
{
    struct vt_str word = plain(call, title);
    struct vt_str wanted = vt_str_format(call, " %.*s ", (int)word.len, word.p);
    for (int i = 0; word.len && i < DETECT_FIELDS; i++)
        if (strstr(titles[i], wanted.p))
            return (enum detect_field)i;
    return DETECT_FIELDS;
}

static bool is_utf8(struct vt_str bytes)
{
    size_t i = 0;
    while (i < bytes.len) {
        unsigned char c = (unsigned char)bytes.p[i];
        size_t more = c < 0x80                ? 0
                      : c >= 0xC2 && c < 0xE0 ? 1
                      : c >= 0xE0 && c < 0xF0 ? 2
                      : c >= 0xF0 && c < 0xF5 ? 3
                                              : 9;
        if (more == 9)
            return false;
        for (size_t k = 1; k <= more && i + k < bytes.len; k++)
            if (((unsigned char)bytes.p[i + k] & 0xC0) != 0x80)
                return false;
        i += more + 1;
    }
    return true;
}

// Half of the bytes of Western text in UTF-16 are zero, always the same half.
static bool has_zeros(struct vt_str bytes, size_t from)
{
    size_t zeros = 0, all = 0;
    for (size_t i = from; i < bytes.len && i < SAMPLE_BYTES; i += 2, all++)
        zeros += !bytes.p[i];
    return all > 4 && zeros * 3 > all;
}

static void look_encoding(struct vt_str bytes, struct detect_file *file)
{
    static const struct {
        const char *mark;
        size_t len;
        enum reader_encoding encoding;
    } marks[] = {{"\xEF\xBB\xBF", 3, READER_UTF8}, {"\xFF\xFE", 2, READER_UTF16LE},
        {"\xFE\xFF", 2, READER_UTF16BE}};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (bytes.len >= marks[i].len && !memcmp(bytes.p, marks[i].mark, marks[i].len)) {
            file->encoding = marks[i].encoding;
            file->mark = marks[i].len;
            return;
        }
    file->encoding = has_zeros(bytes, 1)   ? READER_UTF16LE
                     : has_zeros(bytes, 0) ? READER_UTF16BE
                     : is_utf8(bytes)      ? READER_UTF8
                                           : READER_1252;
}

// What one separator makes of the first rows.
struct sample {
    struct vt_call *call;
    size_t rows, columns, even; // rows with as many cells as the first
    int known;                  // titles among the first row's cells
    bool address;               // an e-mail address is among them
};

static bool on_row(void *arg, const struct reader_row *row)
{
    struct sample *s = arg;
    if (!s->rows) {
        s->columns = row->count;
        for (size_t i = 0; i < row->count; i++) {
            s->known += detect_title(s->call, row->cells[i]) != DETECT_FIELDS;
            s->address |= memchr(row->cells[i].p, '@', row->cells[i].len) != NULL;
        }
    }
    s->even += row->count == s->columns && row->flaw == READER_GOOD;
    return ++s->rows < SAMPLE_ROWS;
}

static size_t worth(const struct sample *s)
{
    return s->columns < 2 ? 0 : (size_t)s->known * 1000 + s->even * 10 + s->columns;
}

void detect_columns(struct vt_call *call, struct vt_str bytes, struct detect_file *file)
{
    static const char separators[] = {',', ';', '\t'};
    size_t best = 0;
    file->separator = ',';
    file->header = true;
    for (size_t i = 0; i < sizeof separators; i++) {
        struct sample s = {.call = call};
        struct reader reader = {.call = call,
            .encoding = file->encoding,
            .separator = separators[i],
            .bytes = {bytes.p, bytes.len < SAMPLE_BYTES ? bytes.len : SAMPLE_BYTES},
            .last = bytes.len <= SAMPLE_BYTES,
            .on_row = on_row,
            .arg = &s};
        reader_run(&reader);
        if (worth(&s) > best || !i) {
            best = worth(&s);
            file->separator = separators[i];
            file->header = s.known || !s.address;
        }
    }
}

struct detect_file detect_look(struct vt_call *call, struct vt_str bytes)
{
    struct detect_file file = {0};
    look_encoding(bytes, &file);
    detect_columns(call, (struct vt_str){bytes.p + file.mark, bytes.len - file.mark}, &file);
    return file;
}
