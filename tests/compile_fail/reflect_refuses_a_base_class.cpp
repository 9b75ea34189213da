// expect: a struct with a base class has no fields that can be found: make the base a field
#include <brio/reflect/fields.hpp>

struct Base {
    int id = 0;
};
#ifdef MISTAKE
struct Row : Base {
    int other = 0;
};
#else
struct Row {
    Base base;
    int other = 0;
};
#endif

static_assert(brio::reflect::field_count<Row> == 2);
