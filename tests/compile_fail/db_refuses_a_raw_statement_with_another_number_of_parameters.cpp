// expect: the text has another number of parameters than the type of the statement
#include "db_model.hpp"

#ifdef MISTAKE
constexpr RawWrite<std::int64_t> grow{{"resources"}, "UPDATE resources SET size = $1 WHERE id = $2"};
#else
constexpr RawWrite<std::int64_t, Id<Resource>> grow{{"resources"},
                                                    "UPDATE resources SET size = $1 WHERE id = $2"};
#endif
