"""Comes last: what the roles allow is what the functions have done in the tests before, and they were refused nothing."""


def test_no_function_was_refused_anything(cloud):
    assert cloud.proxy.denied == []


def test_no_role_allows_what_its_function_does_not_do(cloud, function):
    assert cloud.proxy.unused(function, cloud.messaging) == []
