#include "cell.h"

#include <string.h>

enum { NAME_BYTES_MAX = 80 * 4, NAME_MAX = 80, EMAIL_MAX = 200, PHONE_MAX = 40 };

static struct vt_str trim(struct vt_str s)
{
    static const char hard[] = "\xC2\xA0"; // a space that doesn't break
    for (bool more = true; more;) {
        more = false;
        if (s.len && (unsigned char)s.p[0] <= ' ' && (more = true))
            s = (struct vt_str){s.p + 1, s.len - 1};
        if (s.len && (unsigned char)s.p[s.len - 1] <= ' ' && (more = true))
            s.len--;
        if (s.len >= 2 && !memcmp(s.p, hard, 2) && (more = true))
            s = (struct vt_str){s.p + 2, s.len - 2};
        if (s.len >= 2 && !memcmp(s.p + s.len - 2, hard, 2) && (more = true))
            s.len -= 2;
    }
    return s;
}

static size_t letters(struct vt_str s)
{
    size_t count = 0;
    for (size_t i = 0; i < s.len; i++)
        count += ((unsigned char)s.p[i] & 0xC0) != 0x80;
    return count;
}

// Names have one line: what broke it becomes a space.
static struct vt_str one_line(struct vt_call *call, struct vt_str s)
{
    char *out = vt_alloc(call, s.len + 1);
    for (size_t i = 0; i < s.len; i++)
        out[i] = (unsigned char)s.p[i] < ' ' ? ' ' : s.p[i];
    return (struct vt_str){out, s.len};
}

static const char *read_name(struct vt_call *call, struct vt_str typed, struct cell_person *out)
{
    struct vt_str name = trim(one_line(call, typed));
    if (!name.len)
        return "name_missing";
    const char *space = memchr(name.p, ' ', name.len);
    size_t first = space ? (size_t)(space - name.p) : name.len;
    out->first_name = (struct vt_str){name.p, first};
    out->last_name = trim((struct vt_str){name.p + first, name.len - first});
    bool good = name.len <= 2 * NAME_BYTES_MAX && letters(out->first_name) <= NAME_MAX &&
                letters(out->last_name) <= NAME_MAX;
    return good ? NULL : "name_long";
}

static const char *read_email(struct vt_call *call, struct vt_str typed, struct cell_person *out)
{
    struct vt_str email = trim(typed);
    if (!email.len)
        return "email_missing";
    if (email.len > EMAIL_MAX || !vt_text_is_email(email))
        return "email_wrong";
    out->email = email;
    out->email_folded = vt_text_fold(call, email);
    return NULL;
}

static const char *read_phone(struct vt_call *call, const struct cell_rules *rules,
    struct vt_str typed, struct cell_person *out)
{
    struct vt_str phone = trim(typed);
    if (!phone.len)
        return NULL;
    if (phone.len <= PHONE_MAX)
        out->phone = vt_text_phone(call, phone, rules->region);
    return out->phone.len ? NULL : "phone_wrong";
}

static const char *read_gender(struct vt_call *call, const struct cell_rules *rules,
    struct vt_str typed, struct cell_person *out)
{
    static const struct {
        const char *gender, *words;
    } genders[] = {{"female", " f female woman w fem femme femenino féminin mujer mme mrs ms "},
        {"male", " m male man mr homme h hombre masculin masculino varón varon "},
        {"other", " other o x diverse non-binary autre otro otra "},
        {"not_stated", " not_stated unknown u n/a non-précisé inconnu desconocido - "}};
    if (!trim(typed).len)
        return NULL;
    struct vt_str word = vt_text_fold(call, trim(typed));
    if (rules->spanish && vt_str_eq(word, VT("m")))
        return "gender_either";
    struct vt_str wanted = vt_str_format(call, " %.*s ", (int)word.len, word.p);
    for (size_t i = 0; i < sizeof genders / sizeof *genders; i++)
        if (strstr(genders[i].words, wanted.p)) {
            out->gender = vt_str_of(genders[i].gender);
            return NULL;
        }
    return "gender_wrong";
}

static bool exists(int year, int month, int day)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return year >= 1 && month >= 1 && month <= 12 && day >= 1 &&
           day <= days[month - 1] + (month == 2 && leap);
}

// Three numbers with one sign between them; their digits beside them.
static bool three_numbers(struct vt_str s, int n[3], int digits[3])
{
    int at = 0;
    memset(n, 0, 3 * sizeof *n);
    memset(digits, 0, 3 * sizeof *digits);
    for (size_t i = 0; i < s.len; i++) {
        if (s.p[i] >= '0' && s.p[i] <= '9' && digits[at] < 4) {
            n[at] = n[at] * 10 + (s.p[i] - '0');
            digits[at]++;
        } else if (strchr("-/. ", s.p[i]) && s.p[i] && digits[at] && at < 2)
            at++;
        else
            return false;
    }
    return at == 2 && digits[2];
}

// Absent: it is no day.
static struct vt_str read_day(
    struct vt_call *call, const struct cell_rules *rules, struct vt_str typed)
{
    int n[3], digits[3];
    struct vt_str s = trim(typed);
    // Spreadsheets write midnight behind a day.
    bool timed = s.len >= 16 && (s.p[10] == 'T' || s.p[10] == ' ');
    if (timed && !memcmp(s.p + 11, "00:00", 5))
        s.len = 10;
    if (!three_numbers(s, n, digits))
        return VT_NULL;
    int year = n[0], month = n[1], day = n[2];
    if (digits[0] != 4) {
        bool american = vt_str_eq(rules->dates, VT("mdy"));
        year = n[2];
        month = american ? n[0] : n[1];
        day = american ? n[1] : n[0];
        if (digits[2] != 4)
            return VT_NULL;
    }
    return exists(year, month, day) ? vt_str_format(call, "%04d-%02d-%02d", year, month, day)
                                    : VT_NULL;
}

static const char *read_birthdate(struct vt_call *call, const struct cell_rules *rules,
    struct vt_str typed, struct cell_person *out)
{
    if (!trim(typed).len)
        return NULL;
    out->birthdate = read_day(call, rules, typed);
    if (!out->birthdate.len)
        return "birthdate_wrong";
    bool alive = memcmp(out->birthdate.p, rules->today.p, 10) <= 0 &&
                 memcmp(out->birthdate.p, "1900", 4) >= 0;
    return alive ? NULL : "birthdate_range";
}

static const char *read_category(struct vt_call *call, const struct cell_rules *rules,
    const struct vt_str cells[DETECT_FIELDS], struct cell_person *out)
{
    out->category = trim(cells[FIELD_CATEGORY]);
    if (!trim(cells[FIELD_EXPIRES]).len)
        return NULL;
    if (!out->category.len)
        return "expires_alone";
    out->expires = read_day(call, rules, cells[FIELD_EXPIRES]);
    return out->expires.len ? NULL : "expires_wrong";
}

void cell_read(struct vt_call *call, const struct cell_rules *rules,
    const struct vt_str cells[DETECT_FIELDS], struct cell_person *out)
{
    *out = (struct cell_person){0};
    // Each of them is read, so that the row shows what it can; the first reason is said.
    const char *reasons[] = {read_name(call, cells[FIELD_NAME], out),
        read_email(call, cells[FIELD_EMAIL], out), read_phone(call, rules, cells[FIELD_PHONE], out),
        read_gender(call, rules, cells[FIELD_GENDER], out),
        read_birthdate(call, rules, cells[FIELD_BIRTHDATE], out),
        read_category(call, rules, cells, out)};
    for (size_t i = 0; !out->reason && i < sizeof reasons / sizeof *reasons; i++)
        out->reason = reasons[i];
}
