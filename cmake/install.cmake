# filled below: headers, libraries and the package file of find_package(brio CONFIG)
