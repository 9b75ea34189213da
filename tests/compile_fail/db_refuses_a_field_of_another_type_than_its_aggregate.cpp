// expect: into: the field has another type than the aggregate gives
#include "db_model.hpp"

auto sizes(Db db) {
    auto groups = db.select(resources).group_by<&Resource::status>();
#ifdef MISTAKE
    return std::move(groups).into<StatusSize>(max<&Resource::name>().as<&StatusSize::size>()).all();
#else
    return std::move(groups).into<StatusSize>(max<&Resource::size>().as<&StatusSize::size>()).all();
#endif
}
