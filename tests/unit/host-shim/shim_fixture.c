/* SPDX-License-Identifier: ISC */
/* See shim_fixture.h. */
#include "shim_fixture.h"

const char shim_fixture_off[] =
    "<domain type='kvm'><name>mail</name><uuid>" SHIM_FIXTURE_UUID "</uuid>"
    "<memory unit='GiB'>2</memory><vcpu>4</vcpu>"
    "<sysinfo type='smbios'><bios><entry name='vendor'>ACME</entry></bios>"
    "<system><entry name='manufacturer'>ACME Works</entry><entry name='serial'>S-17</entry>"
    "</system></sysinfo>"
    "<os><type arch='x86_64' machine='pc-q35-7.2'>hvm</type><smbios mode='sysinfo'/>"
    "<boot dev='hd'/><boot dev='network'/></os>"
    "<cpu mode='host-model'><topology sockets='1' dies='1' cores='2' threads='2'/></cpu>"
    "<devices><disk type='file' device='disk'><source file='/srv/mail.qcow2'/>"
    "<target dev='vda' bus='virtio'/><serial>D-1</serial></disk>"
    "<disk type='volume' device='disk'><source pool='fast' volume='spool'/>"
    "<target dev='vdb' bus='virtio'/></disk>"
    "<disk type='file' device='cdrom'><target dev='sda' bus='sata'/></disk>"
    "<interface type='network'><mac address='52:54:00:aa:bb:cc'/><model type='virtio'/>"
    "</interface><interface type='network'><mac address='52:54:00:aa:bb:cd'/>"
    "<model type='e1000e'/><link state='down'/></interface>"
    "<serial type='pty'/><graphics type='vnc'/></devices></domain>";

const char shim_fixture_running[] =
    "<domain type='kvm' id='7'><name>mail</name><uuid>" SHIM_FIXTURE_UUID "</uuid>"
    "<memory unit='KiB'>2097152</memory><currentMemory unit='KiB'>2097152</currentMemory>"
    "<vcpu placement='static'>4</vcpu>"
    "<sysinfo type='smbios'><bios><entry name='vendor'>ACME</entry></bios>"
    "<system><entry name='manufacturer'>ACME Works</entry><entry name='serial'>S-17</entry>"
    "</system></sysinfo>"
    "<os><type arch='x86_64' machine='pc-q35-7.2'>hvm</type><boot dev='hd'/>"
    "<boot dev='network'/><smbios mode='sysinfo'/></os>"
    "<cpu mode='custom' match='exact'><model fallback='forbid'>Skylake-Client-IBRS</model>"
    "<vendor>Intel</vendor><topology sockets='1' dies='1' cores='2' threads='2'/></cpu>"
    "<devices><emulator>/usr/bin/qemu</emulator><disk type='file' device='disk'>"
    "<source file='/srv/mail.qcow2' index='3'/><backingStore/>"
    "<target dev='vda' bus='virtio'/><serial>D-1</serial><alias name='virtio-disk0'/></disk>"
    "<disk type='volume' device='disk'><source pool='fast' volume='spool' index='2'/>"
    "<target dev='vdb' bus='virtio'/></disk>"
    "<disk type='file' device='cdrom'><target dev='sda' bus='sata'/></disk>"
    "<interface type='network'><mac address='52:54:00:aa:bb:cc'/><target dev='vnet0'/>"
    "<model type='virtio'/></interface>"
    "<interface type='network'><mac address='52:54:00:aa:bb:cd'/><target dev='vnet1'/>"
    "<model type='e1000e'/><link state='down'/></interface>"
    "<serial type='pty'><source path='/dev/pts/3'/></serial>"
    "<graphics type='vnc' port='5901'/></devices></domain>";

const char shim_fixture_plain[] =
    "<domain type='qemu'><name>tiny</name>"
    "<uuid>11111111-2222-4333-8444-555555555555</uuid><memory>65536</memory>"
    "<vcpu>3</vcpu><os><type arch='x86_64' machine='pc-i440fx-7.2'>hvm</type>"
    "<kernel>/boot/vmlinuz</kernel><cmdline>quiet</cmdline></os><devices>"
    "<disk type='block' device='disk'><source dev='/dev/vg/x'/>"
    "<target dev='hda' bus='ide'/><boot order='2'/></disk>"
    "<disk type='file' device='cdrom'><source file='/a.iso'/>"
    "<target dev='hdc' bus='ide'/><boot order='1'/></disk></devices></domain>";
