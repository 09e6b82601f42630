// The main function of every unit test, compiled once.

#define BOOST_TEST_MODULE cppvaldi
#include <boost/test/unit_test.hpp>
