// expect: a struct with a reference
#include <brio/reflect/fields.hpp>

struct Row {
#ifdef MISTAKE
    int& id;
#else
    int* id;
#endif
    int other;
};

static_assert(brio::reflect::field_count<Row> == 2);
