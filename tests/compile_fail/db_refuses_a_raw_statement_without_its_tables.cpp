// expect: name the tables that the statement reads or writes: cached answers depend on it
#include "db_model.hpp"

#ifdef MISTAKE
constexpr RawSelect<StatusSize> sizes{{}, "SELECT status, size FROM resources"};
#else
constexpr RawSelect<StatusSize> sizes{{"resources"}, "SELECT status, size FROM resources"};
#endif
