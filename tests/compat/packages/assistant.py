import asyncio

from fastmcp import Client
from qiskit_ibm_runtime_mcp_server.server import mcp

FLIP = 'OPENQASM 3.0; include "stdgates.inc"; qubit[5] q; bit[1] c; x q[0]; c[0] = measure q[0];'


async def ask():
    async with Client(mcp) as client:
        asked = {"circuit": FLIP, "backend_name": "ibm_emu5", "shots": 100}
        job = (await client.call_tool("run_sampler_tool", asked)).data["job_id"]
        status = ""
        while status != "DONE":
            status = (await client.call_tool("get_job_status_tool", {"job_id": job})).data["job_status"]
        print((await client.call_tool("get_job_results_tool", {"job_id": job})).data["counts"])


asyncio.run(ask())
