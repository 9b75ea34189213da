// expect: into: a field of the struct is neither a column of group_by<…> nor an aggregate
#include "db_model.hpp"

auto sizes(Db db) {
    auto groups = db.select(resources).group_by<&Resource::status>();
#ifdef MISTAKE
    return std::move(groups).into<StatusSize>().all();
#else
    return std::move(groups).into<StatusSize>(sum<&Resource::size>().as<&StatusSize::size>()).all();
#endif
}
