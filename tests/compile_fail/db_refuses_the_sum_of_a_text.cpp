// expect: sum adds numbers
#include "db_model.hpp"

auto total(Db db) {
#ifdef MISTAKE
    return db.select(resources).sum<&Resource::name>();
#else
    return db.select(resources).sum<&Resource::size>();
#endif
}
