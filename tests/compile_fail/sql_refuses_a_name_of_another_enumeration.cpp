// expect: the value has another type than the column it is compared with
#include "store_model.hpp"

#ifdef MISTAKE
auto condition = col<&Resource::status> == Colour::red;
#else
auto condition = col<&Resource::status> == Status::active;
#endif
