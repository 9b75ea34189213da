// expect: a sort column leads no index of the table: add the index
#include "model.hpp"

#ifdef MISTAKE
inline constexpr auto listing = sql::list_of(resources).sort<&Resource::name>();
#else
inline constexpr auto listing = sql::list_of(resources).sort<&Resource::owner_id, &Resource::id>();
#endif
