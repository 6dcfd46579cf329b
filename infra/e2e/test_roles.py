"""Comes last: the roles allow exactly what the functions did in the tests before, and no call was refused."""


def test_no_function_was_refused_anything(cloud):
    assert cloud.proxy.denied == []


def test_no_role_allows_what_its_function_does_not_do(cloud, function):
    assert cloud.proxy.unused(function, cloud.messaging) == []
