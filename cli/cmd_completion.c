/* Completion scripts for the shells, made from the tables of commands and options. */
#include <string.h>

#include "cli/command.h"
#include "cli/out.h"

/* What comes after a command or an option: words of a list, paths, or something that nobody can guess. */
enum follow { FOLLOW_WORDS, FOLLOW_PATHS, FOLLOW_ANYTHING };

static enum follow follow_option(const struct opt *o)
{
    return o->type == OPT_CHOICE ? FOLLOW_WORDS : o->type == OPT_FILE ? FOLLOW_PATHS : FOLLOW_ANYTHING;
}

/* `help` completes to commands; others to their own words or to paths. */
static void operand_words(const struct command *c, struct buf *b)
{
    if (c == &cmd_help) {
        for (const struct command_row *row = commands; row->verb; row++)
            buf_printf(b, "%s ", row->verb);
        buf_puts(b, "exit-codes");
        return;
    }
    for (size_t i = 0; c->words && c->words[i]; i++)
        buf_printf(b, "%s%s", i ? " " : "", c->words[i]);
}

const char *const no_words[] = {NULL};

static bool takes_paths(const struct command *c) { return c->max && !c->words; }

/* Inside single quotes of a shell. */
static void quoted(struct buf *b, const char *s, const char *also)
{
    for (; *s; s++) {
        if (*s == '\'')
            buf_puts(b, "'\\'");
        else if (strchr(also, *s))
            buf_putc(b, '\\');
        buf_putc(b, (uint8_t)*s);
    }
}

static void bash_option_names(struct buf *b, const struct opt *o)
{
    for (; o->name; o++)
        buf_printf(b, " --%s", o->name);
}

static void bash_values(struct buf *b, const char *verb, const struct opt *o)
{
    for (; o->name; o++) {
        if (o->type == OPT_FLAG)
            continue;
        buf_printf(b, "    %s,--%s", verb, o->name);
        if (o->letter)
            buf_printf(b, "|%s,-%c", verb, o->letter);
        buf_puts(b, ") ");
        if (follow_option(o) == FOLLOW_WORDS) {
            buf_puts(b, "words='");
            for (int i = 0; o->choices[i]; i++)
                buf_printf(b, "%s%s", i ? " " : "", o->choices[i]);
            buf_puts(b, "'");
        } else {
            buf_puts(b, follow_option(o) == FOLLOW_PATHS ? "paths=1" : ":");
        }
        buf_puts(b, " ;;\n");
    }
}

static void bash(struct buf *b)
{
    buf_puts(b,
             "# bash completion for weir: . <(weir completion bash)\n"
             "_weir() {\n"
             "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} verb=${COMP_WORDS[1]} words='' paths=''\n"
             "    COMPREPLY=()\n"
             "    [ \"$prev\" = = ] && prev=${COMP_WORDS[COMP_CWORD-2]}\n"
             "    [ \"$cur\" = = ] && cur=\n"
             "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
             "        mapfile -t COMPREPLY < <(compgen -W '");
    for (const struct command_row *row = commands; row->verb; row++)
        buf_printf(b, "%s ", row->verb);
    buf_puts(b,
             "--help --version' -- \"$cur\")\n"
             "        return\n"
             "    fi\n"
             "    case $verb,$prev in\n");
    for (const struct command_row *row = commands; row->verb; row++) {
        bash_values(b, row->verb, row->command->opts);
        bash_values(b, row->verb, common_opts);
    }
    buf_puts(b,
             "    *)\n"
             "        case $verb,$cur in\n");
    for (const struct command_row *row = commands; row->verb; row++) {
        buf_printf(b, "        %s,-*) words='", row->verb);
        bash_option_names(b, row->command->opts);
        bash_option_names(b, common_opts);
        buf_printf(b, "' ;;\n        %s,*) ", row->verb);
        struct buf words = {0};
        operand_words(row->command, &words);
        if (words.n)
            buf_printf(b, "words='%s'", buf_cstr(&words));
        else
            buf_puts(b, takes_paths(row->command) ? "paths=1" : ":");
        buf_free(&words);
        buf_puts(b, " ;;\n");
    }
    buf_puts(b,
             "        esac ;;\n"
             "    esac\n"
             "    if [ -n \"$paths\" ]; then\n"
             "        compopt -o filenames 2>/dev/null\n"
             "        mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
             "    elif [ -n \"$words\" ]; then\n"
             "        mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n"
             "    fi\n"
             "}\n"
             "complete -F _weir weir\n");
}

static void zsh_options(struct buf *b, const struct opt *o)
{
    for (; o->name; o++) {
        const char *many = o->type == OPT_TEXTS ? "*" : "";
        buf_puts(b, " \\\n            ");
        if (o->letter)
            buf_printf(b, "%s{-%c%s,--%s%s}'[", *many ? "'*'" : "", o->letter, o->type == OPT_FLAG ? "" : "+", o->name,
                       o->type == OPT_FLAG ? "" : "=");
        else
            buf_printf(b, "'%s--%s%s[", many, o->name, o->type == OPT_FLAG ? "" : "=");
        quoted(b, o->help, "[]:\\");
        buf_puts(b, "]");
        if (o->type == OPT_CHOICE) {
            buf_printf(b, ":%s:(", o->name);
            for (int i = 0; o->choices[i]; i++)
                buf_printf(b, "%s%s", i ? " " : "", o->choices[i]);
            buf_puts(b, ")");
        } else if (o->type != OPT_FLAG) {
            buf_printf(b, ":%s:%s", o->metavar, follow_option(o) == FOLLOW_PATHS ? "_files" : "");
        }
        buf_puts(b, "'");
    }
}

static void zsh(struct buf *b)
{
    buf_puts(b,
             "#compdef weir\n"
             "# zsh completion for weir: put it into a directory of $fpath as _weir\n"
             "_weir() {\n"
             "    local -a verbs=(\n");
    for (const struct command_row *row = commands; row->verb; row++) {
        buf_printf(b, "        '%s:", row->verb);
        quoted(b, row->summary, "");
        buf_puts(b, "'\n");
    }
    buf_puts(b,
             "    )\n"
             "    if (( CURRENT == 2 )); then\n"
             "        _describe -t commands command verbs\n"
             "        return\n"
             "    fi\n"
             "    local verb=$words[2]\n"
             "    shift words\n"
             "    (( CURRENT-- ))\n"
             "    case $verb in\n");
    for (const struct command_row *row = commands; row->verb; row++) {
        buf_printf(b, "    %s)\n        _arguments -s", row->verb);
        zsh_options(b, row->command->opts);
        zsh_options(b, common_opts);
        struct buf words = {0};
        operand_words(row->command, &words);
        if (words.n)
            buf_printf(b, " \\\n            '1:argument:(%s)'", buf_cstr(&words));
        else if (takes_paths(row->command))
            buf_puts(b, " \\\n            '*:path:_files'");
        buf_free(&words);
        buf_puts(b, " ;;\n");
    }
    buf_puts(b,
             "    esac\n"
             "}\n"
             "if [ \"$funcstack[1]\" = _weir ]; then _weir \"$@\"; else compdef _weir weir; fi\n");
}

static void fish_options(struct buf *b, const char *verb, const struct opt *o)
{
    for (; o->name; o++) {
        buf_printf(b, "complete -c weir -n '__fish_seen_subcommand_from %s' -l %s", verb, o->name);
        if (o->letter)
            buf_printf(b, " -s %c", o->letter);
        if (o->type == OPT_CHOICE) {
            buf_puts(b, " -x -a '");
            for (int i = 0; o->choices[i]; i++)
                buf_printf(b, "%s%s", i ? " " : "", o->choices[i]);
            buf_puts(b, "'");
        } else if (o->type != OPT_FLAG) {
            buf_puts(b, follow_option(o) == FOLLOW_PATHS ? " -r -F" : " -x");
        }
        buf_puts(b, " -d '");
        for (const char *s = o->help; *s; s++)
            buf_printf(b, *s == '\'' || *s == '\\' ? "\\%c" : "%c", *s);
        buf_puts(b, "'\n");
    }
}

static void fish(struct buf *b)
{
    buf_puts(b,
             "# fish completion for weir: weir completion fish >~/.config/fish/completions/weir.fish\n"
             "complete -c weir -n __fish_use_subcommand -f\n"
             "complete -c weir -n __fish_use_subcommand -l help -d 'show the commands'\n"
             "complete -c weir -n __fish_use_subcommand -l version -d 'show the version'\n");
    for (const struct command_row *row = commands; row->verb; row++)
        buf_printf(b, "complete -c weir -n __fish_use_subcommand -a %s -d '%s'\n", row->verb, row->summary);
    for (const struct command_row *row = commands; row->verb; row++) {
        struct buf words = {0};
        operand_words(row->command, &words);
        if (words.n)
            buf_printf(b, "complete -c weir -n '__fish_seen_subcommand_from %s' -f -a '%s'\n", row->verb, buf_cstr(&words));
        else if (!takes_paths(row->command))
            buf_printf(b, "complete -c weir -n '__fish_seen_subcommand_from %s' -f\n", row->verb);
        buf_free(&words);
        fish_options(b, row->verb, row->command->opts);
        fish_options(b, row->verb, common_opts);
    }
}

static const struct {
    const char *name;
    void (*print)(struct buf *);
} shells[] = {{"bash", bash}, {"zsh", zsh}, {"fish", fish}};

static enum weir_exit run(const struct cli *cli, struct err *e)
{
    struct buf b = {0};
    for (size_t i = 0; i < sizeof shells / sizeof *shells; i++)
        if (!strcmp(shells[i].name, cli->args.v[0]))
            shells[i].print(&b);
    if (!b.n)
        err_set(e, ERR_USAGE, "completion: bash, zsh or fish, not '%s'", cli->args.v[0]);
    out_write(&b, e);
    buf_free(&b);
    return WEIR_OK;
}

static const struct opt opts[] = {{0}};
static const char *const words[] = {"bash", "zsh", "fish", NULL};

const struct command cmd_completion = {
    .operands = "bash|zsh|fish",
    .about = "Prints a script that teaches a shell weir's commands and options.\n"
             "  bash: . <(weir completion bash)\n"
             "  zsh:  weir completion zsh >DIRECTORY-OF-$fpath/_weir\n"
             "  fish: weir completion fish >~/.config/fish/completions/weir.fish\n",
    .opts = opts,
    .min = 1,
    .max = 1,
    .words = words,
    .run = run,
};
