// expect: a struct with a C array has no fields that can be found: use std::array
#include <array>

#include <brio/reflect/fields.hpp>

struct Row {
    int id;
#ifdef MISTAKE
    int numbers[3];
#else
    std::array<int, 3> numbers;
#endif
};

static_assert(brio::reflect::field_count<Row> == 2);
