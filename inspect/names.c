#include "inspect/names.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void names_add(struct names *names, const char *uid)
{
    names->rows = mem_grow(names->rows, names->n + 1, sizeof *names->rows);
    struct names_row *row = &names->rows[names->n++];
    row->uid = mem_strdup(uid);
    operator_id_of_uid(uid, row->id);
}

bool names_load(struct names *names, const char *file, struct err *e)
{
    FILE *f = fopen(file, "re");
    if (!f)
        return err_set(e, errno == ENOENT ? ERR_MISSING : ERR_IO, "%s: %s", file, strerror(errno));
    char *line = NULL;
    size_t cap = 0;
    ssize_t n;
    while ((n = getline(&line, &cap, f)) >= 0) {
        while (n && (line[n - 1] == '\n' || line[n - 1] == '\r'))
            line[--n] = 0;
        if (n && line[0] != '#')
            names_add(names, line);
    }
    bool ok = !ferror(f) || err_set(e, ERR_IO, "%s: cannot be read", file);
    free(line);
    fclose(f);
    return ok;
}

void names_free(struct names *names)
{
    for (size_t i = 0; i < names->n; i++)
        free(names->rows[i].uid);
    free(names->rows);
    *names = (struct names){0};
}

const char *operator_uid(const struct names *names, const struct meta_operator *op)
{
    if (op->uid)
        return op->uid;
    for (size_t i = 0; names && i < names->n; i++)
        if (!memcmp(names->rows[i].id, op->id, 16))
            return names->rows[i].uid;
    return NULL;
}

const char *operator_label(const struct names *names, const struct meta_operator *op)
{
    const char *uid = operator_uid(names, op);
    return uid ? uid : op->hex;
}

bool operator_matches(const struct names *names, const struct meta_operator *op, const char *wanted)
{
    if (!wanted)
        return true;
    const char *uid = operator_uid(names, op);
    uint8_t id[16];
    operator_id_of_uid(wanted, id);
    size_t n = strlen(wanted);
    return (uid && !strcmp(uid, wanted)) || (op->name && !strcmp(op->name, wanted)) || !memcmp(id, op->id, 16) ||
        (n >= 8 && n <= 32 && !strncmp(op->hex, wanted, n));
}
