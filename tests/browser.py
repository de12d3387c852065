"""A person at the stand-in's login page."""

import aiohttp


async def logged_in(address: str, number: int = 0) -> str:
    """Open the address of a login attempt and choose a login there; gives the address that it leads to."""
    async with aiohttp.ClientSession() as browser:
        async with browser.get(address) as page:
            assert page.status == 200, await page.text()
            assert f'value="{number}"' in await page.text()
        async with browser.post(address, data={"login": str(number)}, allow_redirects=False) as answer:
            assert answer.status == 302
            return answer.headers["Location"]
