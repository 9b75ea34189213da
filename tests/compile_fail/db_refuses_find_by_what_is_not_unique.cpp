// expect: find_by: no unique index of the table has exactly these columns
#include "db_model.hpp"

auto find(Db db) {
#ifdef MISTAKE
    return db.find_by<&User::name>(users, "Ann");
#else
    return db.find_by<&User::email>(users, "ann@example.org");
#endif
}
