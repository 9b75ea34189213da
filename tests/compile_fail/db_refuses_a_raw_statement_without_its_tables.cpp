// expect: no matching constructor for initialization of .*RawTables
#include "db_model.hpp"

#ifdef MISTAKE
constexpr RawSelect<StatusSize> sizes{{}, "SELECT status, size FROM resources"};
#else
constexpr RawSelect<StatusSize> sizes{{"resources"}, "SELECT status, size FROM resources"};
#endif
