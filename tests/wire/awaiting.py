"""Coroutines in tests that are not coroutines: one event loop for a test, and clients that end with it."""

import asyncio
import gc
from typing import Any, Coroutine, Dict, List

from gazu.aio import AsyncKitsuClient
from gazu.client import KitsuClient


class Awaiting:
    """An event loop, made when it is needed."""

    def __init__(self) -> None:
        self.loop: Any = None
        self.clients: List[AsyncKitsuClient] = []
        self.twins: Dict[KitsuClient, AsyncKitsuClient] = {}

    def run(self, work: "Coroutine[Any, Any, Any]") -> Any:
        if self.loop is None:
            self.loop = asyncio.new_event_loop()
        task = self.loop.create_task(work)
        try:
            return self.loop.run_until_complete(task)
        except BaseException:  # Ctrl-C leaves the loop in the middle of the work
            task.cancel()
            self.loop.run_until_complete(asyncio.wait({task}))
            task.cancelled() or task.exception()
            raise

    def connect(self, host: str, **options: Any) -> AsyncKitsuClient:
        """Return a new client, whose connections are closed with the test."""
        options.setdefault("access_token", "access-token-1")
        self.clients.append(AsyncKitsuClient(host, **options))
        return self.clients[-1]

    def twin(self, client: KitsuClient) -> AsyncKitsuClient:
        """Return the asynchronous client with the settings of *client*."""
        if client not in self.twins:
            self.twins[client] = self.connect(client.host)
        twin = self.twins[client]
        for name in ("host", "tokens", "timeout", "retries", "use_refresh_token", "retry_budget"):
            setattr(twin, name, getattr(client, name))
        return twin

    def close(self) -> None:
        """End what is open; fail if anything that was begun has not come to an end."""
        clients, loop = self.clients[:], self.loop
        self.twins.clear()
        self.clients.clear()
        if loop is None:
            return
        for client in clients:
            if client._session is not None:
                client._session.close()
            for of_loop in client._loops.values():
                of_loop.threads.shutdown()
                self.run(of_loop.session.close())
        self.run(asyncio.sleep(0.01))  # for the ends of connections
        left = asyncio.all_tasks(loop)
        executor = getattr(loop, "_default_executor", None)
        if executor is not None:
            executor.shutdown()
        self.loop = None
        loop.close()
        assert not left
        gc.collect()  # what is still open says so, here rather than in another test


awaiting = Awaiting()
