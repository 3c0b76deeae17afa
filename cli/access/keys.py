"""`zaoying keys`: the keys that payloads are encrypted with, and their rotation."""

from pathlib import Path

import typer

from runtime.settings import load_settings
from service_layer import clock

app = typer.Typer(help="载荷密钥：查看、轮换", no_args_is_help=True)


@app.command()
def show() -> None:
    """列出密钥的编号、指纹和用途（不显示密钥本身）。"""
    from runtime.payloads.keys import fingerprint, load_keys

    keys = load_keys(load_settings().payload_keys)
    for id, key in keys.keys.items():
        use = "加密、解密" if id in keys.active.values() else "解密"
        typer.echo(f"{id}　{fingerprint(key)}　{use}")
    for id in sorted(keys.retired):
        typer.echo(f"{id}　已停用")


@app.command()
def new() -> None:
    """新建密钥，先只用于解密；还没有密钥文件的，一并新建并启用。轮换的第一步。"""
    from runtime.payloads.keys import load_keys, new_keys, with_new_keys, write_keys

    path = load_settings().payload_keys
    if path.exists():
        write_keys(path, with_new_keys(load_keys(path), clock.now().date()))
        typer.echo(f"已加入 {path}。请发给每个程序并逐个重新启动，然后运行 zaoying keys activate")
        return
    _make_folder(path)
    write_keys(path, new_keys(clock.now().date()))
    typer.echo(f"已新建 {path}。请另行备份：没有它，工单历史和归档都无法读取")


@app.command()
def activate() -> None:
    """启用最新的密钥来加密，旧的仍可解密。轮换的第二步：每个程序都已有新密钥之后。"""
    from runtime.payloads.keys import load_keys, with_newest_active, write_keys

    path = load_settings().payload_keys
    keys = with_newest_active(load_keys(path))
    write_keys(path, keys)
    typer.echo(f"已启用 {'、'.join(keys.active.values())}。请发给每个程序并逐个重新启动")


def _make_folder(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
