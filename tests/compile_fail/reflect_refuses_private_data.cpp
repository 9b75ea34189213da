// expect: only aggregates have fields that can be found: no constructors, no private data
#include <brio/reflect/fields.hpp>

class Row {
#ifdef MISTAKE
private:
#else
public:
#endif
    int id = 0;
};

static_assert(brio::reflect::field_count<Row> == 1);
