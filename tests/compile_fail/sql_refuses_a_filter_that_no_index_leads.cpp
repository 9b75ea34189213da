// expect: a filter column leads no index of the table: add the index
#include "model.hpp"

#ifdef MISTAKE
inline constexpr auto listing = sql::list_of(resources).filter<&Resource::name>();
#else
inline constexpr auto listing = sql::list_of(resources).filter<&Resource::owner_id>();
#endif
