#include "jar/zip_lib.h"

#include "base/lazy.h"

struct zip_lib zip_;

bool zip_lib_load(struct err *e)
{
    static const struct lazy_symbol symbols[] = {
#define F(name) {"zip_" #name, &zip_.name},
        ZIP_LIB(F)
#undef F
    };
    return lazy_load(WEIR_ZIP_SONAME, "libzip4", symbols, sizeof symbols / sizeof *symbols, e);
}
