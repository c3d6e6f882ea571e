/* The words of the S3 protocol that need no network: locations, URLs, settings, listings. store_s3.c speaks it. */
#ifndef WEIR_SAVEPOINT_S3_H
#define WEIR_SAVEPOINT_S3_H

#include <stdbool.h>

#include "base/err.h"
#include "base/mem.h"

/* AWS's usual settings: the environment first, then the profile AWS_PROFILE ("default") of ~/.aws/credentials and ~/.aws/config. */
struct s3_settings {
    const char *key_id, *secret; /* both or none: requests are not signed without */
    const char *token;           /* of temporary credentials, or NULL */
    const char *region;
    const char *endpoint; /* "http://host:port", no slash at the end; NULL: Amazon's own */
};
void s3_settings_read(struct s3_settings *c, struct arena *a);

/* "scheme://bucket/key" taken apart; the key is as given, without the slash in front, maybe empty. ERR_USAGE for a bad bucket. */
struct s3_place {
    const char *bucket, *key;
};
bool s3_place_of(struct s3_place *p, const char *location, struct arena *a, struct err *e);

/* The URL of an object or, with key "", of the bucket; percent-encoded as signing wants it. Path style for an endpoint of one's
 * own and for buckets with a dot (no certificate fits those as a host name). */
char *s3_url(const struct s3_settings *c, const char *bucket, const char *key, struct arena *a);
/* The URL of a page of ListObjectsV2 for what lies directly below prefix; token NULL for the first page. */
char *s3_list_url(const struct s3_settings *c, const char *bucket, const char *prefix, const char *token, struct arena *a);

/* The content of the next element <tag> in *xml, which moves behind it; false: none. Elements of one name must not nest. */
bool s3_xml_next(struct bytes *xml, const char *tag, struct bytes *inner);
/* The text of an element's content with the entities replaced. */
char *s3_xml_text(struct bytes inner, struct arena *a);

/* Names that are collected from pages of a listing; free(names.p) releases. */
struct s3_names {
    const char **p;
    uint32_t n, cap;
};
/* Adds a page's names below prefix, directories with a slash. *token is the next page's, NULL at the end. ERR_SERVER when it is
 * no such page. */
bool s3_list_page(struct s3_names *names, struct bytes xml, const char *prefix, const char **token, struct arena *a, struct err *e);

#endif
