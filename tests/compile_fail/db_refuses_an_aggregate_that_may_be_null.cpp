// expect: into: the aggregate is NULL where there are no values: make the field a std::optional
#include "db_model.hpp"

struct Most {
#ifdef MISTAKE
    std::int64_t size;
#else
    std::optional<std::int64_t> size;
#endif
};

auto largest(Db db) {
    return db.select(resources).into<Most>(max<&Resource::size>().as<&Most::size>()).one();
}
