// expect: any_of divides at commas, which a text may have
#include "store_model.hpp"

#ifdef MISTAKE
inline constexpr auto listing = list_of(users).filter<any_of<&User::email>>();
#else
inline constexpr auto listing = list_of(users).filter<any_of<&User::id>>();
#endif
