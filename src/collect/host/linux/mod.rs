//! Step 1 of the path, for a Linux machine: one file a source, read from `/proc` and `/sys`. What is read at every tick
//! stays open and is read again from its beginning, which costs less than half of opening it anew.

pub(super) mod act;
mod bytes;
mod cgroup;
mod container;
mod cpu;
mod detail;
mod disk_io;
mod facts;
mod files;
mod frequency;
mod gpu;
mod group_files;
mod memory;
mod mount_table;
mod mounts;
mod network;
mod pressure;
mod processes;
mod sensors;
mod transport;

pub use container::ContainerLimits;
pub use cpu::Cpu;
pub use detail::Detail;
pub use disk_io::DiskIo;
pub use facts::Facts;
pub use files::Roots;
pub use frequency::Frequency;
pub use gpu::Gpu;
pub use memory::Memory;
pub use mounts::{MountAnswers, Mounts};
pub use network::Network;
pub use pressure::Pressure;
pub use processes::Processes;
pub use sensors::Sensors;
pub use transport::{ListenQueues, Transport};
