// expect: no (matching member function for call to 'find'|viable conversion from 'Id<User>')
#include "db_model.hpp"

auto find(Db db, Id<User> user, Id<Resource> resource) {
#ifdef MISTAKE
    return db.find(resources, user);
#else
    static_cast<void>(user);
    return db.find(resources, resource);
#endif
}
