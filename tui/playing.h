/* A recording in the console: where it is, and the keys and words that move it. */
#ifndef WEIR_TUI_PLAYING_H
#define WEIR_TUI_PLAYING_H

#include "tui/app.h"

/* Goes to a time in the recording: "50%", "+90" (seconds from its beginning), "-10" (before its end), "14:05", "14:05:30" (UTC, the
 * first time from its beginning on), "2026-11-25T14:05:30". ERR_USAGE when it is none of these, or outside of the recording. */
bool playing_seek(struct live *l, const char *when, struct err *e);
/* A verb that moves it; false: another one. */
bool playing_verb(struct app *a, enum verb what);
/* "seek WHEN" of the palette; false: another word. */
bool playing_command(struct app *a, const char *word);
/* The upper right corner. */
void playing_text(const struct app *a, char *to, size_t n, enum style *s);

#endif
